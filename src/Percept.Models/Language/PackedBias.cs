using Percept.Tensors;

namespace Percept.Models;

/// <summary>What is added to the attention scores of a packed batch; the default value is nothing.</summary>
/// <param name="Values">
/// Float32. Of a batch that is a block [1 or B, H, T, T]; else one after the other, for each sequence its H·rows·keys numbers.
/// </param>
public readonly record struct PackedBias(Tensor Values);
