using Percept.Data;

namespace Percept.Training;

/// <summary>A conversation whose answer is a good one or a bad one.</summary>
public sealed class JudgedItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="conversation">Its tokens, of which the last answer's are learned; the item owns it.</param>
    /// <param name="isDesirable">Whether the answer is a good one.</param>
    /// <param name="draw">The number of this use of the sample: items of a step stand in its order.</param>
    public JudgedItem(DatasetSample sample, SupervisedPrompt conversation, bool isDesirable, ulong draw)
        : base(sample)
    {
        Draw = draw;
        Answered = new TokenItem(sample, conversation);
        IsDesirable = isDesirable;
    }

    /// <summary>The conversation.</summary>
    public TokenItem Answered { get; }

    /// <summary>The number of this use of the sample.</summary>
    public ulong Draw { get; }

    /// <summary>Whether the answer is a good one.</summary>
    public bool IsDesirable { get; }

    /// <inheritdoc/>
    public override int Rows => Answered.Rows;

    /// <inheritdoc/>
    public override double Weight => 1;

    /// <inheritdoc/>
    public override bool HasMedia => Answered.HasMedia;

    /// <inheritdoc/>
    public override void Dispose() => Answered.Dispose();
}
