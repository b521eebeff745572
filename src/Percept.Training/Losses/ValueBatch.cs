using Percept.Tensors;

namespace Percept.Training;

/// <summary>What the value function of a policy is moved by.</summary>
/// <param name="OldValues">The values when the completions were written, float32 [B, T], without a gradient.</param>
/// <param name="Returns">What was earned from each token on, [B, T].</param>
public sealed record ValueBatch(Tensor OldValues, Tensor Returns);
