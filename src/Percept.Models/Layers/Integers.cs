using Percept.Tensors;

namespace Percept.Models;

/// <summary>Reads whole numbers out of I32 and I64 tensors.</summary>
internal static class Integers
{
    /// <summary>One element.</summary>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    internal static long At(Tensor tensor, int index) =>
        tensor.DType == DType.I32 ? tensor.Span<int>()[index] : tensor.Span<long>()[index];
}
