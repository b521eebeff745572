using System.Runtime.InteropServices;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The elements of a tensor of a plain type as bytes to write.</summary>
internal static class ElementBytes
{
    /// <summary>Some elements.</summary>
    /// <param name="tensor">A tensor of at most <see cref="int.MaxValue"/> elements, of no block type.</param>
    /// <param name="first">The first element.</param>
    /// <param name="count">How many.</param>
    internal static Span<byte> Of(Tensor tensor, int first, int count) => tensor.DType switch
    {
        DType.F32 => Cut<float>(tensor, first, count),
        DType.F64 => Cut<double>(tensor, first, count),
        DType.F16 or DType.BF16 => Cut<ushort>(tensor, first, count),
        DType.I64 => Cut<long>(tensor, first, count),
        DType.I32 => Cut<int>(tensor, first, count),
        DType.I16 => Cut<short>(tensor, first, count),
        DType.I8 => Cut<sbyte>(tensor, first, count),
        DType.U8 or DType.Bool => Cut<byte>(tensor, first, count),
        DType other => throw new NotSupportedException($"Elements of {other} do not stand alone."),
    };

    private static Span<byte> Cut<T>(Tensor tensor, int first, int count)
        where T : unmanaged => MemoryMarshal.AsBytes(tensor.Writable<T>().Slice(first, count));
}
