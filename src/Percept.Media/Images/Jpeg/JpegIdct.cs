using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>
/// The inverse DCT of 8×8 blocks in accurate integer arithmetic: what libjpeg calls "islow", bit for bit, with the
/// 16-bit intermediate sums of its vector code (which differ from 32-bit ones only on numbers that no picture has).
/// </summary>
/// <remarks>
/// Loeffler, Ligtenberg, Moschytz: Practical Fast 1-D DCT Algorithms with 11 Multiplications, ICASSP 1989. Constants
/// have 13 bits; columns first with two bits kept, then rows. Both paths read a block in the memory order of
/// <see cref="JpegZigzag"/>. Where all rows but the first are zero, that code takes a shortcut which keeps 16 bits
/// modulo 2^16 where the long way saturates; so do both paths here.
/// </remarks>
internal static unsafe class JpegIdct
{
    internal const int ConstantBits = 13;
    internal const int Pass1Bits = 2;

    private const short F0298 = 2446;
    private const short F0390 = 3196;
    private const short F0541 = 4433;
    private const short F0765 = 6270;
    private const short F0899 = 7373;
    private const short F1175 = 9633;
    private const short F1501 = 12299;
    private const short F1847 = 15137;
    private const short F1961 = 16069;
    private const short F2053 = 16819;
    private const short F2562 = 20995;
    private const short F3072 = 25172;

    private const int Center = 128;

    /// <summary>The samples of a block.</summary>
    /// <param name="block">64 coefficients in memory order.</param>
    /// <param name="quant">The quantisation table in memory order.</param>
    /// <param name="to">The first sample.</param>
    /// <param name="stride">Bytes from one row of samples to the next.</param>
    /// <param name="last">The zigzag position of the last coefficient that may not be zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Transform(short* block, short* quant, byte* to, nint stride, int last)
    {
        if (last == 0)
        {
            FillFlat(block, quant, to, stride);
        }
        else if (Avx2.IsSupported)
        {
            TransformAvx2(block, quant, to, stride);
        }
        else
        {
            TransformScalar(block, quant, to, stride);
        }
    }

    /// <summary>A block of which only the DC coefficient is given.</summary>
    internal static void FillFlat(short* block, short* quant, byte* to, nint stride)
    {
        int level = (short)((short)(block[0] * quant[0]) << Pass1Bits);
        byte sample = (byte)Math.Clamp(((level + 16) >> 5) + Center, 0, 255);
        ulong row = sample * 0x0101010101010101UL;
        for (int y = 0; y < 8; y++)
        {
            Unsafe.WriteUnaligned(to + (y * stride), row);
        }
    }

    /// <summary>The same without vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void TransformScalar(short* block, short* quant, byte* to, nint stride)
    {
        int* line = stackalloc int[8];
        short* middle = stackalloc short[64];
        ReadOnlySpan<byte> places = JpegZigzag.Places;
        int below = 0;
        for (int i = 8; i < 64; i++)
        {
            below |= (ushort)block[places[i]];
        }

        for (int c = 0; c < 8; c++)
        {
            for (int r = 0; r < 8; r++)
            {
                int place = places[(r * 8) + c];
                line[r] = (short)(block[place] * quant[place]);
            }

            line[0] = below == 0 ? (short)(line[0] << Pass1Bits) >> Pass1Bits : line[0];
            Pass(line, ConstantBits - Pass1Bits);
            for (int r = 0; r < 8; r++)
            {
                middle[(r * 8) + c] = (short)line[r];
            }
        }

        for (int r = 0; r < 8; r++)
        {
            for (int c = 0; c < 8; c++)
            {
                line[c] = middle[(r * 8) + c];
            }

            Pass(line, ConstantBits + Pass1Bits + 3);
            for (int c = 0; c < 8; c++)
            {
                to[(r * stride) + c] = (byte)(Math.Clamp(line[c], -Center, Center - 1) + Center);
            }
        }
    }

    /// <summary>One dimension, in place; results keep to 16 bits.</summary>
    private static void Pass(int* v, int shift)
    {
        // Even part.
        int tmp0 = (short)(v[0] + v[4]) << ConstantBits;
        int tmp1 = (short)(v[0] - v[4]) << ConstantBits;
        int tmp2 = (v[2] * F0541) + (v[6] * (F0541 - F1847));
        int tmp3 = (v[2] * (F0541 + F0765)) + (v[6] * F0541);
        int round = 1 << (shift - 1);
        int even0 = tmp0 + tmp3 + round;
        int even3 = tmp0 - tmp3 + round;
        int even1 = tmp1 + tmp2 + round;
        int even2 = tmp1 - tmp2 + round;

        // Odd part.
        int z3 = (short)(v[7] + v[3]);
        int z4 = (short)(v[5] + v[1]);
        int turned3 = (z3 * (F1175 - F1961)) + (z4 * F1175);
        int turned4 = (z3 * F1175) + (z4 * (F1175 - F0390));
        int odd3 = (v[7] * (F0298 - F0899)) + (v[1] * -F0899) + turned3;
        int odd2 = (v[5] * (F2053 - F2562)) + (v[3] * -F2562) + turned4;
        int odd1 = (v[5] * -F2562) + (v[3] * (F3072 - F2562)) + turned3;
        int odd0 = (v[7] * -F0899) + (v[1] * (F1501 - F0899)) + turned4;

        v[0] = Narrow((even0 + odd0) >> shift);
        v[7] = Narrow((even0 - odd0) >> shift);
        v[1] = Narrow((even1 + odd1) >> shift);
        v[6] = Narrow((even1 - odd1) >> shift);
        v[2] = Narrow((even2 + odd2) >> shift);
        v[5] = Narrow((even2 - odd2) >> shift);
        v[3] = Narrow((even3 + odd3) >> shift);
        v[4] = Narrow((even3 - odd3) >> shift);
    }

    private static int Narrow(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformAvx2(short* block, short* quant, byte* to, nint stride)
    {
        var v04 = Vector256.Load(block);
        var v17 = Vector256.Load(block + 16);
        var v26 = Vector256.Load(block + 32);
        var v53 = Vector256.Load(block + 48);
        bool firstRowOnly = ((v04.AsInt32() >> 16).AsInt16() | v17 | v26 | v53) == Vector256<short>.Zero;
        v04 = Avx2.MultiplyLow(v04, Vector256.Load(quant));
        v17 = Avx2.MultiplyLow(v17, Vector256.Load(quant + 16));
        v26 = Avx2.MultiplyLow(v26, Vector256.Load(quant + 32));
        v53 = Avx2.MultiplyLow(v53, Vector256.Load(quant + 48));
        if (firstRowOnly)
        {
            v04 = (v04 << Pass1Bits) >> Pass1Bits;
        }


        // Columns. The results are rows of eight columns, in the order 0 1 2 5 | 4 7 6 3.
        Pass(
            v04, v17, v26, v53, ConstantBits - Pass1Bits, out Vector256<short> p01, out Vector256<short> p23,
            out Vector256<short> p45, out Vector256<short> p67);

        // Transpose: pairs of columns (0 4), (1 7), (2 6), (5 3) of rows 0 to 3 | 4 to 7.
        var low = Avx2.Permute2x128(p01, p45, 0x20);
        var high = Avx2.Permute2x128(p01, p45, 0x31);
        var r04 = Avx2.UnpackLow(low, high).AsInt32();
        var r15 = Avx2.UnpackHigh(low, high).AsInt32();
        low = Avx2.Permute2x128(p23, p67, 0x20);
        high = Avx2.Permute2x128(p23, p67, 0x31);
        var r26 = Avx2.UnpackLow(low, high).AsInt32();
        var r37 = Avx2.UnpackHigh(low, high).AsInt32();
        var u0 = Avx2.UnpackLow(r04, r15).AsInt64();
        var u1 = Avx2.UnpackLow(r26, r37).AsInt64();
        var u2 = Avx2.UnpackHigh(r04, r15).AsInt64();
        var u3 = Avx2.UnpackHigh(r26, r37).AsInt64();

        // Rows. The results are columns of eight rows.
        Pass(
            Avx2.UnpackLow(u0, u1).AsInt16(), Avx2.UnpackHigh(u0, u1).AsInt16(), Avx2.UnpackLow(u2, u3).AsInt16(),
            Avx2.UnpackHigh(u2, u3).AsInt16(), ConstantBits + Pass1Bits + 3, out p01, out p23, out p45, out p67);

        // To bytes, and each four by four of them transposed.
        var turn = Vector256.Create(
            (byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
            0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        var left = Avx2.Shuffle(Avx2.PackSignedSaturate(p01, p23).AsByte(), turn).AsInt32();
        var right = Avx2.Shuffle(Avx2.PackSignedSaturate(p45, p67).AsByte(), turn).AsInt32();
        var center = Vector256.Create((byte)Center);
        var rows0145 = (Avx2.UnpackLow(left, right).AsByte() ^ center).AsUInt64();
        var rows2367 = (Avx2.UnpackHigh(left, right).AsByte() ^ center).AsUInt64();
        StorePair(rows0145.GetLower(), to, stride);
        StorePair(rows2367.GetLower(), to + (2 * stride), stride);
        StorePair(rows0145.GetUpper(), to + (4 * stride), stride);
        StorePair(rows2367.GetUpper(), to + (6 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(Vector128<ulong> rows, byte* to, nint stride)
    {
        Unsafe.WriteUnaligned(to, rows.ToScalar());
        Unsafe.WriteUnaligned(to + stride, rows.GetElement(1));
    }

    /// <summary>One dimension of eight lines at once; inputs are pairs of elements side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        Vector256<short> v04, Vector256<short> v17, Vector256<short> v26, Vector256<short> v53,
        [ConstantExpected] int shift,
        out Vector256<short> p01, out Vector256<short> p23, out Vector256<short> p45, out Vector256<short> p67)
    {
        // Even part. The sums of 0 and 4 are taken modulo 2^16: shifted to the top and back.
        var round = Vector256.Create(1 << (shift - 1));
        var tmp0 = (Avx2.MultiplyAddAdjacent(v04, Pair(1, 1)) << 16) >> (16 - ConstantBits);
        var tmp1 = (Avx2.MultiplyAddAdjacent(v04, Pair(1, -1)) << 16) >> (16 - ConstantBits);
        var tmp2 = Avx2.MultiplyAddAdjacent(v26, Pair(F0541, F0541 - F1847));
        var tmp3 = Avx2.MultiplyAddAdjacent(v26, Pair(F0541 + F0765, F0541));
        tmp0 += round;
        tmp1 += round;
        var even0 = tmp0 + tmp3;
        var even3 = tmp0 - tmp3;
        var even1 = tmp1 + tmp2;
        var even2 = tmp1 - tmp2;

        // Odd part. The pairs of z are (z4, z3).
        var z = v17 + v53;
        var turned3 = Avx2.MultiplyAddAdjacent(z, Pair(F1175, F1175 - F1961));
        var turned4 = Avx2.MultiplyAddAdjacent(z, Pair(F1175 - F0390, F1175));
        var odd3 = Avx2.MultiplyAddAdjacent(v17, Pair(-F0899, F0298 - F0899)) + turned3;
        var odd0 = Avx2.MultiplyAddAdjacent(v17, Pair(F1501 - F0899, -F0899)) + turned4;
        var odd2 = Avx2.MultiplyAddAdjacent(v53, Pair(F2053 - F2562, -F2562)) + turned4;
        var odd1 = Avx2.MultiplyAddAdjacent(v53, Pair(-F2562, F3072 - F2562)) + turned3;

        p01 = Avx2.PackSignedSaturate((even0 + odd0) >> shift, (even1 + odd1) >> shift);
        p23 = Avx2.PackSignedSaturate((even2 + odd2) >> shift, (even3 + odd3) >> shift);
        p45 = Avx2.PackSignedSaturate((even3 - odd3) >> shift, (even2 - odd2) >> shift);
        p67 = Avx2.PackSignedSaturate((even1 - odd1) >> shift, (even0 - odd0) >> shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(short first, short second) =>
        Vector256.Create((first & 0xFFFF) | (second << 16)).AsInt16();
}
