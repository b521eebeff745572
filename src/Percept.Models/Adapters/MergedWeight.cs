using Percept.Tensors;

namespace Percept.Models;

/// <summary>A weight that an adapter changes when it is merged.</summary>
/// <param name="File">Its name in the base model's file.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Make">Makes the new value, float32.</param>
public sealed record MergedWeight(string File, Shape Shape, Func<Tensor> Make);
