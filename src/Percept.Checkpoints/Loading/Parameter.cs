using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A weight that is trained.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="FileName">The name in the file.</param>
/// <param name="Value">The weight, float32: a leaf that requires a gradient.</param>
public sealed record Parameter(string Name, string FileName, Tensor Value);
