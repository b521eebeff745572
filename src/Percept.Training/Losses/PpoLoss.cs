using Percept.Tensors;

namespace Percept.Training;

/// <summary>PPO's loss and what to watch; all float32 [].</summary>
/// <param name="Loss">Policy loss + weight·value loss.</param>
/// <param name="Policy">The policy's part.</param>
/// <param name="Value">The value function's part, ½ of the mean square, before its weight.</param>
/// <param name="ClipFraction">The share of tokens whose ratio is outside the bounds; without a gradient.</param>
/// <param name="ApproximateDivergence">½ of the mean square of new − old log-probabilities; without a gradient.</param>
public sealed record PpoLoss(Tensor Loss, Tensor Policy, Tensor Value, Tensor ClipFraction, Tensor ApproximateDivergence);
