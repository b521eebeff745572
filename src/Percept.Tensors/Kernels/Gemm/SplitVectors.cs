using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Floats as sums of two bfloat16 numbers: the upper 16 bits, and the rest rounded. 16 bits of the mantissa stay.</summary>
/// <remarks>
/// Layout: for each 32 elements a line of upper parts, then a line of rests; zeros fill up the last. Infinities and NaNs have
/// no rest. Relative error ≤ 2⁻¹⁶. Runs only where the emitted code does that reads it, so AVX-512 BW is at hand.
/// </remarks>
internal static unsafe class SplitVectors
{
    private const int Block = EmittedGemv.BlockK;

    /// <summary>Bytes of a vector of <paramref name="k"/> elements.</summary>
    internal static long Bytes(int k) => ((long)k + Block - 1) / Block * Block * sizeof(float);

    /// <summary>Splits a vector.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Pack(float* x, int k, ushort* parts)
    {
        float* last = stackalloc float[Block];
        for (int i = 0; i < k; i += Block, parts += 2 * Block)
        {
            float* from = x + i;
            if (k - i < Block)
            {
                new Span<float>(last, Block).Clear();
                new ReadOnlySpan<float>(from, k - i).CopyTo(new Span<float>(last, Block));
                from = last;
            }

            Split(Vector512.Load(from), out Vector512<uint> upper0, out Vector512<uint> rest0);
            Split(Vector512.Load(from + 16), out Vector512<uint> upper1, out Vector512<uint> rest1);
            Vector512<ushort> upperHalves = (Vector512<ushort>.Indices * 2) + Vector512<ushort>.One;
            Avx512BW.PermuteVar32x16x2(upper0.AsUInt16(), upperHalves, upper1.AsUInt16()).Store(parts);
            Avx512BW.PermuteVar32x16x2(rest0.AsUInt16(), upperHalves, rest1.AsUInt16()).Store(parts + Block);
        }
    }

    /// <summary>Both parts in the upper halves of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(Vector512<float> x, out Vector512<uint> upper, out Vector512<uint> rest)
    {
        Vector512<uint> isNumber = Vector512.Equals(x, x).AsUInt32();
        upper = x.AsUInt32() & Vector512.Create(0xFFFF0000u);
        Vector512<float> difference = x - upper.AsSingle();
        Vector512<uint> isFinite = Vector512.Equals(difference, difference).AsUInt32();
        Vector512<uint> bits = difference.AsUInt32();
        rest = (bits + (((bits >> 16) & Vector512<uint>.One) + Vector512.Create(0x7FFFu))) & isFinite;
        upper = Vector512.ConditionalSelect(isNumber, upper, upper | Vector512.Create(0x7FC00000u));
    }
}
