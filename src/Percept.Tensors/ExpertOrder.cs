namespace Percept.Tensors;

/// <summary>The token places of a mixture of experts, sorted by expert; made by <see cref="Ops.MoeOrder"/>.</summary>
/// <param name="Places">I32 [N·k]: token·k + slot, sorted by expert, in order of tokens within one.</param>
/// <param name="Offsets">I32 [E + 1]: expert e has the places from Offsets[e] to Offsets[e + 1].</param>
/// <param name="TopK">How many experts each token takes.</param>
public readonly record struct ExpertOrder(Tensor Places, Tensor Offsets, int TopK);
