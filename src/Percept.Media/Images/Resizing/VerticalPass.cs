using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>
/// New rows as weighted sums of source rows: out[x] = clamp((Σ row[first + j][x] · weight[j] + 2^(Shift−1)) >> Shift).
/// </summary>
/// <remarks>
/// Weights have up to 23 bits, so each is split into high · 2^11 + low. Both parts fit 16 bits, and two rows at a time are
/// multiplied and added in 32 bits by one instruction a part; the sum is put together once at the end and is exact.
/// </remarks>
internal static unsafe class VerticalPass
{
    /// <summary>Makes rows.</summary>
    /// <param name="source">Rows from <paramref name="firstRow"/> on, <paramref name="stride"/> bytes each.</param>
    /// <param name="firstRow">The number of the first row given.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="taps">The weights.</param>
    /// <param name="target">Length × bytes; must not overlap the source.</param>
    /// <param name="bytes">Bytes of a new row.</param>
    internal static void Run(
        ReadOnlySpan<byte> source, int firstRow, int stride, FixedTaps taps, Span<byte> target, int bytes)
    {
        // The highest place that is read; all loads below stay within rows.
        _ = taps.End <= firstRow ? 0 : source[((taps.End - 1 - firstRow) * stride) + bytes - 1];
        _ = target[(taps.Length * bytes) - 1];
        bool wide = Avx2.IsSupported && taps.Splits && bytes >= Vector256<byte>.Count;
        fixed (byte* from = source, to = target)
        {
            for (int y = 0; y < taps.Length; y++)
            {
                byte* rows = from + ((nint)(taps.First[y] - firstRow) * stride);
                byte* row = to + ((nint)y * bytes);
                ReadOnlySpan<int> weights = taps.Weights(y);
                if (wide)
                {
                    Wide(rows, stride, weights, taps.Shift, row, bytes);
                }
                else
                {
                    Scalar(rows, stride, weights, taps.Shift, row, bytes);
                }
            }
        }
    }

    private static void Wide(byte* rows, int stride, ReadOnlySpan<int> weights, int shift, byte* target, int bytes)
    {
        int x = 0;
        for (; x + Vector256<byte>.Count <= bytes; x += Vector256<byte>.Count)
        {
            Block(rows + x, stride, weights, shift, target + x);
        }

        if (x < bytes)
        {
            // The last block overlaps the one before; it writes the same bytes again.
            x = bytes - Vector256<byte>.Count;
            Block(rows + x, stride, weights, shift, target + x);
        }
    }

    /// <summary>32 bytes of a new row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(byte* at, int stride, ReadOnlySpan<int> weights, int shift, byte* target)
    {
        Vector256<int> h0 = default, h1 = default, h2 = default, h3 = default;
        Vector256<int> l0 = Vector256.Create(1 << (shift - 1)), l1 = l0, l2 = l0, l3 = l0;
        int j = 0;
        for (; j < weights.Length; j += 2, at += 2 * (nint)stride)
        {
            int first = weights[j];
            bool pair = j + 1 < weights.Length;
            int second = pair ? weights[j + 1] : 0;
            Vector256<short> high = Pair(first >> FixedTaps.LowBits, second >> FixedTaps.LowBits);
            Vector256<short> low = Pair(first & ((1 << FixedTaps.LowBits) - 1), second & ((1 << FixedTaps.LowBits) - 1));
            Vector256<byte> a = Vector256.Load(at);
            Vector256<byte> b = pair ? Vector256.Load(at + stride) : default;
            Vector256<byte> ab = Avx2.UnpackLow(a, b);
            Vector256<short> p = Avx2.UnpackLow(ab, default).AsInt16();
            h0 += Avx2.MultiplyAddAdjacent(p, high);
            l0 += Avx2.MultiplyAddAdjacent(p, low);
            p = Avx2.UnpackHigh(ab, default).AsInt16();
            h1 += Avx2.MultiplyAddAdjacent(p, high);
            l1 += Avx2.MultiplyAddAdjacent(p, low);
            ab = Avx2.UnpackHigh(a, b);
            p = Avx2.UnpackLow(ab, default).AsInt16();
            h2 += Avx2.MultiplyAddAdjacent(p, high);
            l2 += Avx2.MultiplyAddAdjacent(p, low);
            p = Avx2.UnpackHigh(ab, default).AsInt16();
            h3 += Avx2.MultiplyAddAdjacent(p, high);
            l3 += Avx2.MultiplyAddAdjacent(p, low);
        }

        // Packing within 128-bit halves undoes the order that unpacking made.
        Vector256<short> lower = Avx2.PackSignedSaturate(Join(h0, l0, shift), Join(h1, l1, shift));
        Vector256<short> upper = Avx2.PackSignedSaturate(Join(h2, l2, shift), Join(h3, l3, shift));
        Avx2.PackUnsignedSaturate(lower, upper).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(int first, int second) =>
        Vector256.Create((first & 0xFFFF) | (second << 16)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Join(Vector256<int> high, Vector256<int> low, int shift) =>
        Vector256.ShiftRightArithmetic((high << FixedTaps.LowBits) + low, shift);

    private static void Scalar(
        byte* rows, int stride, ReadOnlySpan<int> weights, int shift, byte* target, int bytes)
    {
        int half = 1 << (shift - 1);
        for (int x = 0; x < bytes; x++)
        {
            int sum = half;
            byte* at = rows + x;
            foreach (int weight in weights)
            {
                sum += *at * weight;
                at += stride;
            }

            target[x] = (byte)Math.Clamp(sum >> shift, 0, 255);
        }
    }
}
