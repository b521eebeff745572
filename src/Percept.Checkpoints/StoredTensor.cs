using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A tensor that a checkpoint holds.</summary>
/// <param name="Name">Its full name in the file.</param>
/// <param name="Type">Its element type; null when Percept has no such type.</param>
/// <param name="TypeName">The element type in the file's own words.</param>
/// <param name="Shape">Its shape, row-major, whatever the order in the file.</param>
/// <param name="Bytes">How many bytes it takes in the file.</param>
/// <param name="File">The file that holds it.</param>
public sealed record StoredTensor(string Name, DType? Type, string TypeName, Shape Shape, long Bytes, string File);
