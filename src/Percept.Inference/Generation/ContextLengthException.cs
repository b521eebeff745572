namespace Percept.Inference;

/// <summary>A prompt and its answer do not fit into the model's context.</summary>
/// <param name="needed">How many positions were asked for.</param>
/// <param name="available">How many positions the model has.</param>
public sealed class ContextLengthException(int needed, int available) : InvalidOperationException(
    $"The prompt and the answer take {needed} positions, the model has {available}. Shorten the prompt, or set " +
    "max_new_tokens lower.")
{
    /// <summary>How many positions were asked for.</summary>
    public int Needed { get; } = needed;

    /// <summary>How many positions the model has.</summary>
    public int Available { get; } = available;
}
