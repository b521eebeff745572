using Percept.Data;

namespace Percept.Training;

/// <summary>A conversation with a better and a worse end.</summary>
public sealed class PreferenceItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="chosen">The conversation with the better end, which the item owns.</param>
    /// <param name="rejected">The conversation with the worse end, which the item owns.</param>
    public PreferenceItem(DatasetSample sample, SupervisedPrompt chosen, SupervisedPrompt rejected)
        : base(sample)
    {
        Chosen = new TokenItem(sample, chosen);
        Rejected = new TokenItem(sample, rejected);
    }

    /// <summary>The conversation with the better end.</summary>
    public TokenItem Chosen { get; }

    /// <summary>The conversation with the worse end.</summary>
    public TokenItem Rejected { get; }

    /// <summary>Prepares a pair; null where one of its conversations is too long and the recipe skips such.</summary>
    /// <param name="sample">The pair.</param>
    /// <param name="spans">Turns conversations into tokens.</param>
    /// <param name="limit">The greatest length.</param>
    internal static TrainingItem? Prepare(DatasetSample sample, SupervisedSpans spans, LengthLimit limit)
    {
        (SupervisedPrompt chosen, SupervisedPrompt rejected) = spans.PreparePair(sample);
        var item = new PreferenceItem(sample, chosen, rejected);
        return limit.Keep(item, Math.Max(item.Chosen.Rows, item.Rejected.Rows));
    }

    /// <inheritdoc/>
    public override int Rows => Chosen.Rows + Rejected.Rows;

    /// <inheritdoc/>
    public override double Weight => 1;

    /// <inheritdoc/>
    public override bool HasMedia => Chosen.HasMedia || Rejected.HasMedia;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Chosen.Dispose();
        Rejected.Dispose();
    }
}
