using Percept.Tensors;

namespace Percept.Training;

/// <summary>A loss of pairs and what to watch.</summary>
/// <param name="Loss">The mean over pairs, float32 [].</param>
/// <param name="Losses">One value a pair, float32 [n].</param>
/// <param name="ChosenRewards">β·(log-probability − reference's) of the chosen, [n], without a gradient.</param>
/// <param name="RejectedRewards">The same of the rejected.</param>
public sealed record PreferenceLoss(Tensor Loss, Tensor Losses, Tensor ChosenRewards, Tensor RejectedRewards);
