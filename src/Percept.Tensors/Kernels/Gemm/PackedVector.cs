using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>A vector as <see cref="EmittedGemv.RunEights"/> reads it, zeros after its end.</summary>
/// <remarks>
/// In K's order for f32 and f16 weights; for bf16 weights the even and then the odd ones of each 32 elements, the order in
/// which two operations take them out of a line of weights. Runs only where the emitted code does, so AVX-512 is at hand.
/// </remarks>
internal static unsafe class PackedVector
{
    private const int Block = EmittedGemv.BlockK;

    /// <summary>Bytes of a vector of <paramref name="k"/> elements.</summary>
    internal static long Bytes(int k) => ((long)k + Block - 1) / Block * Block * sizeof(float);

    /// <summary>Lays a vector out.</summary>
    /// <param name="x">[k].</param>
    /// <param name="k">Its length.</param>
    /// <param name="type">The type of the weights.</param>
    /// <param name="packed"><see cref="Bytes"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Pack(float* x, int k, DType type, float* packed)
    {
        int whole = k / Block * Block;
        new Span<float>(packed + whole, (int)(Bytes(k) / sizeof(float)) - whole).Clear();
        new ReadOnlySpan<float>(x, k).CopyTo(new Span<float>(packed, k));
        if (type != DType.BF16)
        {
            return;
        }

        Vector512<int> even = Vector512<int>.Indices * 2, odd = even + Vector512<int>.One;
        for (int i = 0; i < k; i += Block)
        {
            Vector512<float> low = Vector512.Load(packed + i), high = Vector512.Load(packed + i + 16);
            Avx512F.PermuteVar16x32x2(low, even, high).Store(packed + i);
            Avx512F.PermuteVar16x32x2(low, odd, high).Store(packed + i + 16);
        }
    }
}
