namespace Percept.Models;

/// <summary>The loss that spreads tokens over experts (<see cref="Percept.Tensors.Ops.LoadBalancingLoss"/>), as a configuration has it.</summary>
/// <param name="Weight">Its factor in the loss: <c>router_aux_loss_coef</c>.</param>
/// <param name="TopK">How many experts each token takes.</param>
public sealed record RouterBalance(float Weight, int TopK);
