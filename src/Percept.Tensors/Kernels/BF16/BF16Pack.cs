using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.BF16;

/// <summary>Packs the operands of <see cref="BF16Micro"/>. Runs only where its emitted code does, so AVX-512 BW is at hand.</summary>
/// <remarks>
/// All packed depths are rounded up to <see cref="BF16Micro.BlockK"/>, and panels of B to 32 columns; what lies beyond the
/// matrix is zero, whatever the memory there holds.
/// </remarks>
internal static unsafe class BF16Pack
{
    private const int Block = BF16Micro.BlockK;
    private const int Columns = BF16Micro.Columns;
    private const int PrefetchAhead = 512;
    private const int StraightAhead = 8;

    /// <summary>Rounds a depth up to whole blocks.</summary>
    internal static int Depth(int k) => (k + Block - 1) & -Block;

    /// <summary>Nearest bfloat16, ties to even; a NaN stays a (quiet) NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Nearest bfloat16 of 32 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<ushort> Round(Vector512<float> low, Vector512<float> high) =>
        Avx512BW.PermuteVar32x16x2(RoundUpper(low).AsUInt16(), UpperHalves(), RoundUpper(high).AsUInt16());

    /// <summary>Rounds rows of floats to bfloat16 and lays them out as [k/32][rows][32].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void A(float* a, long lda, int rows, int k, ushort* packed)
    {
        Vector512<ushort> upperHalves = UpperHalves();
        int whole = k & -Block;
        for (int r = 0; r < rows; r++)
        {
            float* row = a + (r * lda);
            ushort* target = packed + (r * Block);
            for (int i = 0; i < whole; i += Block, target += rows * Block)
            {
                Vector512<uint> low = RoundUpper(Vector512.Load(row + i));
                Vector512<uint> high = RoundUpper(Vector512.Load(row + i + 16));
                Avx512BW.PermuteVar32x16x2(low.AsUInt16(), upperHalves, high.AsUInt16()).Store(target);
            }

            if (whole < k)
            {
                for (int i = 0; i < Block; i++)
                {
                    target[i] = whole + i < k ? Round(row[whole + i]) : (ushort)0;
                }
            }
        }
    }

    /// <summary>
    /// One block of <see cref="A"/> of the transpose of a matrix stored as one row of columns a k: of its first <paramref name="rows"/> columns.
    /// </summary>
    /// <param name="a">The first of the columns, in the block's first row.</param>
    /// <param name="lda">Floats from one row of the stored matrix to the next.</param>
    /// <param name="rows">How many columns, at most 16.</param>
    /// <param name="readable">How many columns there are from the first on, at least <paramref name="rows"/>.</param>
    /// <param name="k">The stored matrix's rows from the block's first on.</param>
    /// <param name="packed">Where the block goes.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void TurnedA(float* a, long lda, int rows, int readable, int k, ushort* packed)
    {
        uint* pairs = stackalloc uint[16 * 16];
        ushort* turned = stackalloc ushort[16 * 2 * Columns];
        float* edge = stackalloc float[32];
        for (int p = 0; p < 16; p++)
        {
            int left = k - (2 * p);
            float* even = a + (2 * p * lda), odd = even + lda;
            if (readable < 16)
            {
                // A whole vector would reach over the end of the matrix.
                new ReadOnlySpan<float>(even, left > 0 ? readable : 0).CopyTo(new Span<float>(edge, 16));
                new ReadOnlySpan<float>(odd, left > 1 ? readable : 0).CopyTo(new Span<float>(edge + 16, 16));
                even = edge;
                odd = edge + 16;
            }

            Vector512<uint> pair = left > 1 ? Pair(Vector512.Load(even), Vector512.Load(odd))
                : left == 1 ? Pair(Vector512.Load(even), Vector512<float>.Zero) : Vector512<uint>.Zero;
            pair.Store(pairs + (16 * p));
        }

        Transpose16((ushort*)pairs, 32, turned);
        for (int r = 0; r < rows; r++)
        {
            Vector512.Load(turned + (r * 2 * Columns)).Store(packed + (r * Block));
        }
    }

    /// <summary>As <see cref="Straight(ushort*, long, int, int, ushort*)"/> of floats, which are rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Straight(float* w, long ldw, int columns, int k, ushort* packed)
    {
        long panelSize = (long)Depth(k) * Columns;
        int whole = columns & -16;
        for (int i = 0; i < Depth(k); i += 2)
        {
            float* even = w + (i * ldw), odd = even + ldw;
            for (int j = 0; j < whole; j += 16)
            {
                Sse.Prefetch0(even + j + (StraightAhead * ldw));
                Sse.Prefetch0(odd + j + (StraightAhead * ldw));
                ushort* target = packed + (j / Columns * panelSize) + (i * Columns) + (j % Columns * 2);
                Vector512<uint> pair = i + 1 < k ? Pair(Vector512.Load(even + j), Vector512.Load(odd + j))
                    : i < k ? Pair(Vector512.Load(even + j), Vector512<float>.Zero) : Vector512<uint>.Zero;
                pair.Store((uint*)target);
            }

            for (int j = whole; j < ((columns + Columns - 1) & -Columns); j++)
            {
                ushort* target = packed + (j / Columns * panelSize) + (i * Columns) + (j % Columns * 2);
                target[0] = j < columns && i < k ? Round(even[j]) : (ushort)0;
                target[1] = j < columns && i + 1 < k ? Round(odd[j]) : (ushort)0;
            }
        }
    }

    /// <summary>The rounded elements of two vectors side by side: those of the first in the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Pair(Vector512<float> even, Vector512<float> odd) =>
        (RoundUpper(even) >> 16) | (RoundUpper(odd) & Vector512.Create(0xFFFF0000u));

    /// <summary>
    /// A panel of up to 32 columns of a matrix stored as one row of k a column (a linear layer's weight), as [k/2][32][2].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Transposed(ushort* w, long ldw, int columns, int k, ushort* packed)
    {
        for (int half = 0; half < Columns; half += 16)
        {
            ushort* source = w + (half * ldw);
            ushort* target = packed + (half * 2);
            int count = Math.Clamp(columns - half, 0, 16);
            int i = 0;
            if (count == 16)
            {
                for (; i + Block <= k; i += Block)
                {
                    Transpose16(source + i, ldw, target + (i * Columns));
                }
            }

            if (i < k || count < 16)
            {
                TransposedEdge(source, ldw, count, i, k, target);
            }
        }
    }

    /// <summary>Panels of 32 columns of a matrix stored as one row of columns a k, one after the other, as [k/2][32][2].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Straight(ushort* w, long ldw, int columns, int k, ushort* packed)
    {
        long panelSize = (long)Depth(k) * Columns;
        Vector512<ushort> low = Interleave(0);
        Vector512<ushort> high = Interleave(16);
        int whole = columns & -Columns;
        for (int p = 0; p < k / 2; p++)
        {
            ushort* row = w + (2 * p * ldw);
            ushort* target = packed + (p * 2 * Columns);
            for (int j = 0; j < whole; j += Columns, target += panelSize)
            {
                Sse.Prefetch0(row + j + (StraightAhead * ldw));
                Sse.Prefetch0(row + j + ((StraightAhead + 1) * ldw));
                Vector512<ushort> even = Vector512.Load(row + j);
                Vector512<ushort> odd = Vector512.Load(row + j + ldw);
                Avx512BW.PermuteVar32x16x2(even, low, odd).Store(target);
                Avx512BW.PermuteVar32x16x2(even, high, odd).Store(target + Columns);
            }
        }

        for (int j = 0; j < columns; j += Columns, packed += panelSize)
        {
            StraightEdge(w + j, ldw, Math.Min(Columns, columns - j), j < whole ? k / 2 : 0, k, packed);
        }
    }

    private static void StraightEdge(ushort* w, long ldw, int columns, int firstPair, int k, ushort* packed)
    {
        for (int p = firstPair; p < Depth(k) / 2; p++)
        {
            for (int j = 0; j < Columns; j++)
            {
                ushort* target = packed + (p * 2 * Columns) + (2 * j);
                target[0] = j < columns && 2 * p < k ? w[(2 * p * ldw) + j] : (ushort)0;
                target[1] = j < columns && (2 * p) + 1 < k ? w[(((2 * p) + 1) * ldw) + j] : (ushort)0;
            }
        }
    }

    private static void TransposedEdge(ushort* source, long ldw, int count, int first, int k, ushort* target)
    {
        int depth = Depth(k);
        for (int i = first; i < depth; i += 2)
        {
            ushort* pair = target + (i * Columns);
            for (int j = 0; j < 16; j++)
            {
                ushort* row = source + (j * ldw);
                pair[2 * j] = j < count && i < k ? row[i] : (ushort)0;
                pair[(2 * j) + 1] = j < count && i + 1 < k ? row[i + 1] : (ushort)0;
            }
        }
    }

    /// <summary>The floats' bits with the upper halves rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> RoundUpper(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> odd = (bits >> 16) & Vector512<uint>.One;
        Vector512<uint> rounded = bits + (odd + Vector512.Create(0x7FFFu));
        Vector512<uint> isNumber = Vector512.Equals(value, value).AsUInt32();
        return Vector512.ConditionalSelect(isNumber, rounded, bits | Vector512.Create(0x400000u));
    }

    /// <summary>Sixteen rows of 16 pairs become 16 pair-rows of 16 columns, 128 bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16(ushort* source, long ld, ushort* target)
    {
        // Each quarter: four rows of every 4 become 4×4 blocks of pairs in each 128-bit lane.
        Quarter(source, ld, out Vector512<uint> a0, out Vector512<uint> a1, out Vector512<uint> a2, out Vector512<uint> a3);
        Quarter(source + (4 * ld), ld, out Vector512<uint> b0, out Vector512<uint> b1, out Vector512<uint> b2, out Vector512<uint> b3);
        Quarter(source + (8 * ld), ld, out Vector512<uint> c0, out Vector512<uint> c1, out Vector512<uint> c2, out Vector512<uint> c3);
        Quarter(source + (12 * ld), ld, out Vector512<uint> d0, out Vector512<uint> d1, out Vector512<uint> d2, out Vector512<uint> d3);
        Lanes(a0, b0, c0, d0, target);
        Lanes(a1, b1, c1, d1, target + (2 * Columns));
        Lanes(a2, b2, c2, d2, target + (4 * Columns));
        Lanes(a3, b3, c3, d3, target + (6 * Columns));
    }

    /// <summary>Four rows: vector i holds pair 4·lane + i of the four rows in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(
        ushort* source, long ld, out Vector512<uint> v0, out Vector512<uint> v1, out Vector512<uint> v2, out Vector512<uint> v3)
    {
        Sse.Prefetch0((byte*)source + PrefetchAhead);
        Sse.Prefetch0((byte*)(source + ld) + PrefetchAhead);
        Sse.Prefetch0((byte*)(source + (2 * ld)) + PrefetchAhead);
        Sse.Prefetch0((byte*)(source + (3 * ld)) + PrefetchAhead);
        Vector512<uint> r0 = Vector512.Load((uint*)source);
        Vector512<uint> r1 = Vector512.Load((uint*)(source + ld));
        Vector512<uint> r2 = Vector512.Load((uint*)(source + (2 * ld)));
        Vector512<uint> r3 = Vector512.Load((uint*)(source + (3 * ld)));
        Vector512<ulong> l01 = Avx512F.UnpackLow(r0, r1).AsUInt64();
        Vector512<ulong> h01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
        Vector512<ulong> l23 = Avx512F.UnpackLow(r2, r3).AsUInt64();
        Vector512<ulong> h23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
        v0 = Avx512F.UnpackLow(l01, l23).AsUInt32();
        v1 = Avx512F.UnpackHigh(l01, l23).AsUInt32();
        v2 = Avx512F.UnpackLow(h01, h23).AsUInt32();
        v3 = Avx512F.UnpackHigh(h01, h23).AsUInt32();
    }

    /// <summary>Gathers lane i of four vectors into the pair-row 4·i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, ushort* target)
    {
        Vector512<uint> abLow = Avx512F.Shuffle4x128(a, b, 0x44);
        Vector512<uint> abHigh = Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<uint> cdLow = Avx512F.Shuffle4x128(c, d, 0x44);
        Vector512<uint> cdHigh = Avx512F.Shuffle4x128(c, d, 0xEE);
        Avx512F.Shuffle4x128(abLow, cdLow, 0x88).Store((uint*)target);
        Avx512F.Shuffle4x128(abLow, cdLow, 0xDD).Store((uint*)(target + (8 * Columns)));
        Avx512F.Shuffle4x128(abHigh, cdHigh, 0x88).Store((uint*)(target + (16 * Columns)));
        Avx512F.Shuffle4x128(abHigh, cdHigh, 0xDD).Store((uint*)(target + (24 * Columns)));
    }

    /// <summary>Indices of the odd (upper) words of two vectors, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> UpperHalves() =>
        (Vector512<ushort>.Indices * 2) + Vector512<ushort>.One;

    /// <summary>Indices that interleave 16 words of two vectors, from word <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Interleave(int first) =>
        (Vector512<ushort>.Indices >> 1) + ((Vector512<ushort>.Indices & Vector512<ushort>.One) * 32)
        + Vector512.Create((ushort)first);
}
