using System.Collections.Concurrent;
using Percept.Data;
using Percept.Models;

namespace Percept.Training;

/// <summary>
/// How long samples are, for batches of about equal length and for budgets of tokens, without decoding media: the tokens of all texts, and
/// for each medium as many as the first medium of the data takes.
/// </summary>
internal sealed class SampleLengths
{
    private readonly ConcurrentDictionary<MixItem, int> _known = [];
    private readonly IProcessor? _processor;
    private readonly int _ofMedium;

    internal SampleLengths(Recipe recipe, TrainedModel model, IReadOnlyList<MixSource> sources)
    {
        if ((recipe.Batch.Tokens is null && !recipe.Batch.GroupByLength) || !recipe.Loss.TakesConversations)
        {
            return;
        }

        _processor = model.NeedProcessor();
        MediaReference? first = _processor.Kinds.Count == 0
            ? null
            : sources.Select(source => source.Dataset[0].Media.FirstOrDefault()).FirstOrDefault(media => media is not null);
        _ofMedium = first is null ? 0 : _processor.CountTokens(DataMedia.Load(first, recipe.Loss.ClipFrames));
    }

    /// <summary>The length of a sample; 1 where nobody asks for it.</summary>
    internal int Of(MixItem item) => _processor is null ? 1 : _known.GetOrAdd(item, Measure);

    private int Measure(MixItem item)
    {
        DatasetSample sample = item.Load();
        int ends = Math.Max(Measure(sample.Chosen ?? []), Measure(sample.Rejected ?? []));
        return Measure(sample.Messages) + ends;
    }

    private int Measure(IReadOnlyList<DataMessage> messages)
    {
        int tokens = 0;
        foreach (DataPart part in messages.SelectMany(message => message.Parts))
        {
            tokens += part.Text is { } text
                ? _processor!.Tokenizer.Tokenizer.EncodeIds(text, addSpecialTokens: false, allowSpecial: false).Length
                : _ofMedium;
        }

        return tokens;
    }
}
