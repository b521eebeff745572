using Percept.Data;
using Percept.Models;

namespace Percept.Training;

/// <summary>A question that the model is to answer in training, and what its answers are compared with.</summary>
public sealed class PromptItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="prompt">The conversation up to where an answer begins, which the item owns.</param>
    /// <param name="reference">The sample's own answer; null where it has none.</param>
    /// <param name="draw">Where random numbers of this use of the sample begin.</param>
    public PromptItem(DatasetSample sample, PreparedPrompt prompt, string? reference, ulong draw)
        : base(sample)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Prompt = prompt;
        Reference = reference;
        Draw = draw;
    }

    /// <summary>The conversation up to where an answer begins.</summary>
    public PreparedPrompt Prompt { get; }

    /// <summary>The sample's own answer; null where it has none.</summary>
    public string? Reference { get; }

    /// <summary>Where random numbers of this use of the sample begin.</summary>
    public ulong Draw { get; }

    /// <inheritdoc/>
    public override int Rows => Prompt.Ids.Count;

    /// <inheritdoc/>
    public override double Weight => 1;

    /// <inheritdoc/>
    public override bool HasMedia => Prompt.Spans.Count > 0;

    /// <inheritdoc/>
    public override void Dispose() => Prompt.Dispose();
}
