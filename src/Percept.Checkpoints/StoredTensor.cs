using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A tensor that a checkpoint holds.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Type">Its element type; null where the format has it and Percept does not.</param>
/// <param name="TypeName">Its element type in the format's own word.</param>
/// <param name="Shape">Its shape, outermost axis first, whatever order the file counts in.</param>
/// <param name="Bytes">How many bytes its elements take in the file.</param>
/// <param name="File">The file that holds it.</param>
public sealed record StoredTensor(string Name, DType? Type, string TypeName, Shape Shape, long Bytes, string File);
