using Percept.Data;

namespace Percept.Training;

/// <summary>A conversation as tokens, and which of them are learned.</summary>
public sealed class TokenItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="conversation">Its tokens, media and labels, which the item owns.</param>
    public TokenItem(DatasetSample sample, SupervisedPrompt conversation)
        : base(sample)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        Conversation = conversation;

        // The first token follows none, so nothing predicts it.
        Learned = conversation.SupervisedCount - (conversation.Labels is [not SupervisedPrompt.Ignored, ..] ? 1 : 0);
    }

    /// <summary>The tokens, media and labels.</summary>
    public SupervisedPrompt Conversation { get; }

    /// <summary>How many tokens are learned.</summary>
    public int Learned { get; }

    /// <inheritdoc/>
    public override int Rows => Conversation.Prompt.Ids.Count;

    /// <inheritdoc/>
    public override double Weight => Learned;

    /// <inheritdoc/>
    public override bool HasMedia => Conversation.Prompt.Spans.Count > 0;

    /// <inheritdoc/>
    public override void Dispose() => Conversation.Dispose();
}
