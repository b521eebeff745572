using Percept.Media;

namespace Percept.Data;

/// <summary>
/// Pictures with classes as questions for the class, larger and in RGB; copies are shifted, scaled and mirrored by their index.
/// </summary>
public sealed class ClassQuestionDataset : IDataset
{
    private const int Parts = 10;

    private readonly IDataset _pictures;
    private readonly ClassQuestionOptions _options;
    private readonly int[] _chosen;

    /// <summary>Takes a part of a dataset.</summary>
    /// <param name="pictures">Samples with a picture and <see cref="DatasetSample.LabelIndex"/>.</param>
    /// <param name="options">Names, questions, the part and changes.</param>
    /// <exception cref="ArgumentException">The part is held out, or empty; there are no names or questions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Copies are below 1, the side is not within 32 and 512, or the grid not within 1 and 4.
    /// </exception>
    public ClassQuestionDataset(IDataset pictures, ClassQuestionOptions options)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Copies, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Side, 32, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Side, 512, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Grid, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Grid, 4, nameof(options));
        if (options.Names.Count == 0 || options.Questions.Count == 0)
        {
            throw new ArgumentException("There are no names of classes or no questions.", nameof(options));
        }

        Func<int, bool> belongs = options.Split switch
        {
            SceneSplit.Train => i => i % Parts < Parts - 2,
            SceneSplit.Validation => i => i % Parts == Parts - 2,
            SceneSplit.Test => i => i % Parts == Parts - 1,
            _ => throw new ArgumentException(
                $"Pictures with classes have no part '{options.Split}'; there are train, validation and test.", nameof(options)),
        };
        _pictures = pictures;
        _options = options;
        LookAlikes? leftOut = options.LeftOut is { } others ? new LookAlikes(others) : null;
        _chosen = [.. Enumerable.Range(0, pictures.Count).Where(i => belongs(i) && leftOut?.Has(pictures[i]) != true)];
        if (_chosen.Length == 0)
        {
            throw new ArgumentException($"Of {pictures.Count} pictures none belongs to the part '{options.Split}'.", nameof(pictures));
        }
    }

    /// <inheritdoc/>
    public int Count => checked(_chosen.Length * _options.Copies);

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            int picture = _chosen[index % _chosen.Length];
            bool changed = index >= _chosen.Length;
            DatasetSample sample = _pictures[picture];
            string id = FormattableString.Invariant($"{sample.Id}/{_options.Split}/{index / _chosen.Length}");
            if (_options.Grid > 1)
            {
                return Grid(sample, index, id, changed);
            }

            MediaReference media = Picture(sample);
            string question = _options.Questions[Numbers(index, "ask").Below(_options.Questions.Count)];
            string name = Name(sample);
            return Sample(
                sample, id, () => Draw(media.LoadImage(), _options.Side, changed ? Numbers(index, "draw") : null), question, name);
        }
    }

    /// <summary>Several pictures in rows; which ones stand beside the first, and their changes, follow from the index.</summary>
    private DatasetSample Grid(DatasetSample first, int index, string id, bool changed)
    {
        int across = _options.Grid, side = _options.Side / across;
        GeneratorRandom choice = Numbers(index, "grid");
        DatasetSample[] all = [.. Enumerable.Range(0, across * across).Select(
            cell => cell == 0 ? first : _pictures[_chosen[choice.Below(_chosen.Length)]])];
        MediaReference[] media = [.. all.Select(Picture)];
        string answer = string.Join('\n', all.Select(Name).Chunk(across).Select(row => string.Join(", ", row)));
        return Sample(
            first, id,
            () =>
            {
                GeneratorRandom numbers = Numbers(index, "draw");
                Image[] cells = [.. media.Select(
                    (picture, cell) => Draw(picture.LoadImage(), side, cell == 0 && !changed ? null : numbers))];
                return Join(cells, across, side, _options.Side);
            },
            _options.GridQuestion, answer);
    }

    private static DatasetSample Sample(DatasetSample source, string id, Func<Image> draw, string question, string answer) => source with
    {
        Id = id,
        Messages = [DataMessage.User(MediaReference.Drawn(id, draw), question), DataMessage.Assistant(answer)],
        Label = answer,
    };

    private static MediaReference Picture(DatasetSample sample) => sample.Media.FirstOrDefault()
        ?? throw new InvalidDataException($"{sample} has no picture. Use a dataset of pictures with classes.");

    private string Name(DatasetSample sample) => sample.LabelIndex is { } label && label >= 0 && label < _options.Names.Count
        ? _options.Names[label]
        : throw new InvalidDataException(
            $"{sample} has the class {sample.LabelIndex}; classes are 0 to {_options.Names.Count - 1}. Give the right names.");

    private static Image Join(Image[] cells, int across, int side, int whole)
    {
        var joined = new Image(whole, whole, PixelFormat.Rgb);
        for (int cell = 0; cell < cells.Length; cell++)
        {
            int left = cell % across * side * PixelFormat.Rgb.BytesPerPixel(), top = cell / across * side;
            for (int y = 0; y < side; y++)
            {
                cells[cell].Row(y).CopyTo(joined.Row(top + y)[left..]);
            }
        }

        return joined;
    }

    private GeneratorRandom Numbers(int index, string use) => new(_options.Seed, use, index);

    /// <summary>The picture in the middle of a black ground; with numbers moved by up to a fourteenth, scaled and mirrored.</summary>
    private Image Draw(Image picture, int side, GeneratorRandom? numbers)
    {
        double scale = 0.875 * (numbers?.Range(0.85, 1.1) ?? 1);
        double across = numbers?.Range(-1, 1) ?? 0, down = numbers?.Range(-1, 1) ?? 0;
        bool mirrored = numbers is not null && _options.Mirrors && numbers.Coin();
        int size = Math.Min(side, (int)Math.Round(scale * side));
        Image rgb = picture.Convert(PixelFormat.Rgb);
        Image drawn = (mirrored ? rgb.Turned(ImageTurn.FlipLeftRight) : rgb).Resize(size, size, ResampleFilter.Bilinear);
        int room = side - size;
        int left = Math.Clamp((int)Math.Round((room / 2.0) + (across * side / 14)), 0, room);
        int top = Math.Clamp((int)Math.Round((room / 2.0) + (down * side / 14)), 0, room);
        return drawn.Pad(left, top, room - left, room - top);
    }
}
