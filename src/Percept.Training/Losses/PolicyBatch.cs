using Percept.Tensors;

namespace Percept.Training;

/// <summary>The tokens of completions that a policy is moved by.</summary>
/// <param name="LogProbabilities">What the policy gives them now, float32 [B, T].</param>
/// <param name="Old">What it gave them when it wrote them, [B, T], without a gradient.</param>
/// <param name="Advantages">
/// How much better than expected: [B, T], or [B] where a loss takes one for a completion.
/// </param>
/// <param name="Mask">Float32 [B, T], 1 for tokens that count.</param>
public sealed record PolicyBatch(Tensor LogProbabilities, Tensor Old, Tensor Advantages, Tensor Mask);
