namespace Percept.Models;

/// <summary>What becomes of a sound of a given length: known without a sample, and what the features themselves go by.</summary>
public sealed record AudioPlan
{
    /// <summary>The name of the tensor that the features go into: <c>input_features</c> or <c>input_values</c>.</summary>
    public required string Output { get; init; }

    /// <summary>The shape of that tensor for one sound, without the axis of the batch.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>Whether a part of the sound is left out because it is too long.</summary>
    public bool IsCut { get; init; }

    /// <summary>Frames in time, padding included; samples where the model takes the wave itself.</summary>
    public required int Frames { get; init; }

    /// <summary>Frames that the sound itself fills.</summary>
    public required int ValidFrames { get; init; }

    /// <summary>
    /// How many tokens of the language model's prompt the sound takes; null where the processor does not tell, or where there
    /// is no language model.
    /// </summary>
    public int? Tokens { get; init; }
}
