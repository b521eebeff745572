using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>The formats with blocks of 256.</summary>
internal static unsafe partial class GemvAvx2
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float RowQ4_K(byte* blocks, int k, sbyte* quants, float* scales)
    {
        const int Bytes = 144;
        Vector256<float> sum0 = Vector256<float>.Zero;
        Vector256<float> sum1 = Vector256<float>.Zero;
        for (int set = k / SetWeights; set > 0; set--)
        {
            Vector256<int> t0 = Fold(
                DotNibbles(blocks + 16, quants, false), DotNibbles(blocks + 16, quants + 32, true),
                DotNibbles(blocks + 48, quants + 64, false), DotNibbles(blocks + 48, quants + 96, true));
            Vector256<int> t1 = Fold(
                DotNibbles(blocks + 80, quants + 128, false), DotNibbles(blocks + 80, quants + 160, true),
                DotNibbles(blocks + 112, quants + 192, false), DotNibbles(blocks + 112, quants + 224, true));
            (Vector256<float> steps, Vector256<float> minima) = ScalesK4(blocks + 4);
            steps *= Vector256.Create(BlockScales.Half(blocks));
            minima *= Vector256.Create(BlockScales.Half(blocks + 2));
            sum1 = Vector256.FusedMultiplyAdd(minima, Vector256.Load(scales + 8), sum1);
            sum0 = Vector256.FusedMultiplyAdd(
                Vector256.ConvertToSingle(Join(t0, t1)), steps * Vector256.Load(scales), sum0);
            blocks += Bytes;
            quants += SetWeights;
            scales += 16;
        }

        return Vector256.Sum(sum0 + sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float RowQ6_K(byte* blocks, int k, sbyte* quants, float* scales)
    {
        const int Bytes = 210;
        Vector256<float> sum0 = Vector256<float>.Zero;
        Vector256<float> sum1 = Vector256<float>.Zero;
        Vector128<byte> order = Vector128.Create((byte)0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15);
        for (int set = k / SetWeights; set > 0; set--)
        {
            Vector256<float> step = Vector256.Create(BlockScales.Half(blocks + 208));
            Vector128<sbyte> parts = Ssse3.Shuffle(Vector128.Load(blocks + 192), order).AsSByte();
            for (int half = 0; half < 2; half++)
            {
                Vector256<int> dots = DotSixBits(blocks + (64 * half), blocks + (128 + (32 * half)), quants);
                Vector256<float> factors = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(parts)) * step;
                sum1 = Vector256.FusedMultiplyAdd(factors, Vector256.Load(scales + 16), sum1);
                sum0 = Vector256.FusedMultiplyAdd(
                    Vector256.ConvertToSingle(dots), factors * Vector256.Load(scales), sum0);
                parts = Sse2.ShiftRightLogical128BitLane(parts, 8);
                quants += SetWeights / 2;
                scales += 8;
            }

            blocks += Bytes;
            scales += 16;
        }

        return Vector256.Sum(sum0 + sum1);
    }

    /// <summary>Eight lanes of sums of 32 four-bit weights: the lower nibbles of 32 bytes, or the upper ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DotNibbles(byte* packed, sbyte* quants, bool upper)
    {
        Vector256<byte> weights = Vector256.Load(packed);
        weights = (upper ? (weights.AsUInt16() >>> 4).AsByte() : weights) & Vector256.Create((byte)15);
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(weights, Vector256.Load(quants)), Vector256.Create((short)1));
    }

    /// <summary>The sums of 128 six-bit weights over 16: first halves of four groups, then their second halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DotSixBits(byte* lower, byte* upper, sbyte* quants)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> two = Vector256.Create((byte)48);
        Vector256<short> ones = Vector256.Create((short)1);
        Vector256<byte> l0 = Vector256.Load(lower), l1 = Vector256.Load(lower + 32);
        Vector256<ushort> u = Vector256.Load(upper).AsUInt16();
        Vector256<byte> w0 = (l0 & nibble) | ((u << 4).AsByte() & two);
        Vector256<byte> w1 = (l1 & nibble) | ((u << 2).AsByte() & two);
        Vector256<byte> w2 = ((l0.AsUInt16() >>> 4).AsByte() & nibble) | (u.AsByte() & two);
        Vector256<byte> w3 = ((l1.AsUInt16() >>> 4).AsByte() & nibble) | ((u >>> 2).AsByte() & two);
        return Fold(
            Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w0, Vector256.Load(quants)), ones),
            Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w1, Vector256.Load(quants + 32)), ones),
            Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w2, Vector256.Load(quants + 64)), ones),
            Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w3, Vector256.Load(quants + 96)), ones));
    }

    /// <summary>The eight 6-bit scales and minima of a Q4_K block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Scales, Vector256<float> Minima) ScalesK4(byte* packed)
    {
        const uint Six = 0x3F3F3F3F, Four = 0x0F0F0F0F, Top = 0x30303030;
        uint a = *(uint*)packed, b = *(uint*)(packed + 4), c = *(uint*)(packed + 8);
        ulong scales = (a & Six) | ((ulong)((c & Four) | ((a >> 2) & Top)) << 32);
        ulong minima = (b & Six) | ((ulong)(((c >> 4) & Four) | ((b >> 2) & Top)) << 32);
        return (Widen(scales), Widen(minima));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(ulong bytes) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(bytes).AsByte()));
}
