using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Log-probabilities of chosen and rejected completions, one sum over the tokens of each, float32 [n].
/// </summary>
/// <param name="Chosen">Of the chosen ones.</param>
/// <param name="Rejected">Of the rejected ones.</param>
public sealed record CompletionPairs(Tensor Chosen, Tensor Rejected)
{
    /// <summary>How many tokens the chosen ones have, float32 [n]; needed by losses of token averages.</summary>
    public Tensor? ChosenLengths { get; init; }

    /// <summary>How many tokens the rejected ones have, float32 [n].</summary>
    public Tensor? RejectedLengths { get; init; }
}
