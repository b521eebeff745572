using System.Collections.Concurrent;
using Percept.Data;
using Percept.Media;
using Percept.Models;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// How long samples are, for batches of about equal length and for budgets of tokens, without decoding media: the tokens of all texts, and
/// for each medium as many as the first medium of the data takes.
/// </summary>
internal sealed class SampleLengths
{
    private const int MostLookedAt = 10_000;

    private readonly ConcurrentDictionary<MixItem, int> _known = [];
    private readonly ConcurrentDictionary<(int Width, int Height), int> _ofPictures = [];
    private readonly IProcessor? _processor;
    private readonly bool _groups;
    private readonly bool _lastAlone;
    private readonly Lazy<int> _ofMedium;

    internal SampleLengths(Recipe recipe, TrainedModel model, IReadOnlyList<MixSource> sources)
    {
        _groups = (recipe.Batch.Tokens is not null || recipe.Batch.GroupByLength) && recipe.Loss.TakesConversations;
        _lastAlone = recipe.Loss.MaskHistory;
        _processor = _groups ? model.NeedProcessor() : model.Processor;
        _ofMedium = new Lazy<int>(() =>
        {
            MediaReference? first = _processor!.Kinds.Count == 0
                ? null
                : sources.Select(FirstMedium).FirstOrDefault(media => media is not null);
            return first is null ? 0 : _processor.CountTokens(DataMedia.Load(first, recipe.Loss.ClipFrames));
        });
    }

    /// <summary>The first medium of the first samples: many sets have texts alone in front.</summary>
    private static MediaReference? FirstMedium(MixSource source) =>
        Enumerable.Range(0, Math.Min(source.Dataset.Count, MostLookedAt)).Select(i => source.Dataset[i].Media.FirstOrDefault()).FirstOrDefault(media => media is not null);

    /// <summary>The length of a sample; 1 where nobody asks for it.</summary>
    internal int Of(MixItem item) => _groups ? _known.GetOrAdd(item, Measure) : 1;

    /// <summary>
    /// A length that no sample falls short of: the tokens of its texts, without what the template adds, and of a single picture those of its size.
    /// </summary>
    /// <param name="sample">The sample.</param>
    internal int AtLeast(DatasetSample sample)
    {
        MediaReference[] media = [.. sample.Media];
        int ofMedia = media is [{ Kind: DataPartKind.Image, IsDrawn: false } picture] ? OfPicture(picture) : 0;
        return ofMedia + Measure(sample, 0);
    }

    private int OfPicture(MediaReference picture)
    {
        ImageInfo info = ImageDecoder.Identify(picture.ReadBytes());
        return _ofPictures.GetOrAdd(
            (info.UprightWidth, info.UprightHeight),
            size => _processor!.CountTokens(MediaContent.Of(new Image(size.Width, size.Height, PixelFormat.Rgb))));
    }

    private int Measure(MixItem item)
    {
        DatasetSample sample = item.Load();
        return Measure(sample, _ofMedium.Value);
    }

    private int Measure(DatasetSample sample, int ofMedium)
    {
        // Of pairs only the ends are learned.
        bool isPair = sample.Chosen is not null;
        int ends = Math.Max(Measure(sample.Chosen ?? [], ofMedium, sample.AnswersByLetter), Measure(sample.Rejected ?? [], ofMedium, sample.AnswersByLetter));
        return Measure(sample.Messages, ofMedium, sample.AnswersByLetter && !isPair) + ends;
    }

    private int Measure(IReadOnlyList<DataMessage> messages, int ofMedium, bool byLetter)
    {
        Tokenizer tokenizer = _processor!.Tokenizer.Tokenizer;
        int tokens = 0;
        int[] lettered = byLetter ? SupervisedSpans.Learnt(messages, 0, _lastAlone) : [];
        for (int i = 0; i < messages.Count; i++)
        {
            bool apart = lettered.Contains(i);
            foreach (DataPart part in messages[i].Parts)
            {
                int[] ids = part.Text is { } text ? tokenizer.EncodeIds(text, addSpecialTokens: false, allowSpecial: false) : [];
                tokens += part.Text is null ? ofMedium : apart ? ids.Sum(id => tokenizer.CharactersOf(id).Count) : ids.Length;
            }
        }

        return tokens;
    }
}
