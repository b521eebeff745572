using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>The statements of an NLVR folder with their pictures, asked as questions for <c>true</c> or <c>false</c>.</summary>
public sealed class NlvrDataset : IDataset
{
    private readonly IReadOnlyList<NlvrRecord> _records;
    private readonly Dictionary<string, byte[]> _pictures;
    private readonly NlvrSplit _split;
    private readonly int _orders;
    private readonly NlvrSampleOptions _options;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder; see <see cref="NlvrFiles"/>.</param>
    /// <param name="split">The part.</param>
    /// <param name="orders">How many of the six orders of the boxes are samples, each of its own: 1 to 6. Statements do not depend on
    /// the order; the official numbers are over all six.</param>
    /// <param name="options">The form of the samples; <see cref="NlvrSampleOptions.Usual"/> when left out.</param>
    /// <exception cref="IOException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a picture is missing.</exception>
    public NlvrDataset(string folder, NlvrSplit split, int orders = NlvrScene.Orders, NlvrSampleOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(orders, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(orders, NlvrScene.Orders);
        _split = split;
        _orders = orders;
        _options = options ?? NlvrSampleOptions.Usual;
        _options.Check();
        _records = NlvrFiles.Read(folder, split);
        _pictures = NlvrFiles.Pictures(folder, split);

        // Of training pictures the boxes may be moved; what is measured is the official pictures.
        int official = split is NlvrSplit.Train or NlvrSplit.Validation ? 1 : orders;
        foreach (NlvrRecord record in _records)
        {
            for (int order = 0; order < official; order++)
            {
                if (!_pictures.ContainsKey(PictureName(record, order)))
                {
                    throw new InvalidDataException(
                        $"{folder}: the picture '{PictureName(record, order)}' of {record.Identifier} is missing; take the files again.");
                }
            }
        }
    }

    /// <summary>What stands behind a statement to make it a question.</summary>
    public const string Question = "True or false?";

    /// <inheritdoc/>
    public int Count => _records.Count * _orders;

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            (NlvrRecord record, int order) = At(index);
            string name = PictureName(record, order);
            NlvrScene scene = record.Scene.InOrder(order);
            var picture = new Lazy<Image>(() => Picture(record, order));
            return new NlvrSample(name, new SampleSource(NlvrFiles.Name(_split) + ".jsonl", 0), scene, [(record.Sentence, record.Label)])
                .Make(_options, () => picture.Value, box => NlvrScene.Box(picture.Value, box));
        }
    }

    /// <summary>The statement of a sample, and the order that its picture has the boxes in.</summary>
    /// <param name="index">The sample's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public (NlvrRecord Record, int Order) At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return (_records[index / _orders], index % _orders);
    }

    private string PictureName(NlvrRecord record, int order) => string.Create(
        CultureInfo.InvariantCulture, $"{NlvrFiles.Name(_split)}-{record.Identifier}-{order}.png");

    // Training pictures are stored in order 0 alone.
    private Image Picture(NlvrRecord record, int order) => _pictures.TryGetValue(PictureName(record, order), out byte[]? stored)
        ? ImageDecoder.Decode(stored).Convert(PixelFormat.Rgb)
        : NlvrScene.MoveBoxes(ImageDecoder.Decode(_pictures[PictureName(record, 0)]).Convert(PixelFormat.Rgb), order);
}
