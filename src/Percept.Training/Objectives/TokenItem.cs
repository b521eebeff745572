using Percept.Data;
using Percept.Models;

namespace Percept.Training;

/// <summary>A conversation as tokens, and which of them are learned.</summary>
public sealed class TokenItem : TrainingItem
{
    /// <summary>The label of a token that is not learned.</summary>
    public const int Ignored = -100;

    private readonly int[] _labels;

    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="prompt">Its tokens and media, which the item owns.</param>
    /// <param name="labels">For each token itself or <see cref="Ignored"/>.</param>
    /// <exception cref="ArgumentException">There are not as many labels as tokens.</exception>
    public TokenItem(DatasetSample sample, PreparedPrompt prompt, int[] labels)
        : base(sample)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(labels);
        Prompt = labels.Length == prompt.Ids.Count
            ? prompt
            : throw new ArgumentException($"There are {labels.Length} labels for {prompt.Ids.Count} tokens.", nameof(labels));
        _labels = labels;

        // The first token follows none, so nothing predicts it.
        Learned = labels.AsSpan(1).Length - labels.AsSpan(1).Count(Ignored);
    }

    /// <summary>The tokens and media.</summary>
    public PreparedPrompt Prompt { get; }

    /// <summary>For each token itself or <see cref="Ignored"/>.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>How many tokens are learned.</summary>
    public int Learned { get; }

    /// <inheritdoc/>
    public override int Rows => Prompt.Ids.Count;

    /// <inheritdoc/>
    public override double Weight => Learned;

    /// <inheritdoc/>
    public override bool HasMedia => Prompt.Spans.Count > 0;

    /// <inheritdoc/>
    public override void Dispose() => Prompt.Dispose();
}
