using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Key">The tensor's name.</param>
/// <param name="TypeName">The element type by the format's name, such as <c>BF16</c>.</param>
/// <param name="Sizes">The sizes of the axes, outermost first.</param>
/// <param name="Offset">The first byte, counted from the beginning of the file.</param>
/// <param name="ByteCount">How many bytes the elements take.</param>
public sealed record SafetensorsEntry(
    string Key,
    string TypeName,
    IReadOnlyList<long> Sizes,
    long Offset,
    long ByteCount)
{
    /// <summary>The element type; null where the format has it and Percept does not.</summary>
    public DType? Type => SafetensorsTypes.Find(TypeName);
}
