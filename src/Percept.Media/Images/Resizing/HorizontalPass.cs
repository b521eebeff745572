using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>
/// New columns as weighted sums of source columns, for 1 to 4 interleaved channels:
/// out[x] = clamp((Σ in[first + j] · weight[j] + 2^(Shift−1)) >> Shift).
/// </summary>
/// <remarks>
/// Weights are split as in <see cref="VerticalPass"/>. Four pixels at a time are brought into pairs of the same channel, and
/// four rows at a time share the unpacked weights. Windows that would read over a row's end are moved to the left and their
/// weights padded with zeros.
/// </remarks>
internal static unsafe class HorizontalPass
{
    private const int RowsAtOnce = 4;

    /// <summary>Makes columns of some rows.</summary>
    /// <param name="source">Rows × width × channels.</param>
    /// <param name="width">Pixels of a source row.</param>
    /// <param name="rows">How many rows, at least 1.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="taps">The weights.</param>
    /// <param name="target">Rows × Length × channels; must not overlap the source.</param>
    internal static void Run(
        ReadOnlySpan<byte> source, int width, int rows, int channels, FixedTaps taps, Span<byte> target)
    {
        _ = source[(rows * width * channels) - 1];
        _ = target[(rows * taps.Length * channels) - 1];
        int block = channels == 1 ? 8 : 4;
        bool wide = Avx2.IsSupported && taps.Splits && channels != 2 && MaxBlocks(taps, block) * block <= width;
        fixed (byte* from = source, to = target)
        {
            if (wide)
            {
                Wide(from, width, rows, channels, taps, to);
            }
            else
            {
                Scalar(from, width, rows, channels, taps, to);
            }
        }
    }

    private static int MaxBlocks(FixedTaps taps, int block)
    {
        int most = 0;
        foreach (int count in taps.Count)
        {
            most = Math.Max(most, count);
        }

        return (most + block - 1) / block;
    }

    private static void Wide(byte* source, int width, int rows, int channels, FixedTaps taps, byte* target)
    {
        int block = channels == 1 ? 8 : 4;
        int most = MaxBlocks(taps, block);
        int sourceStride = width * channels;
        int targetStride = taps.Length * channels;
        int[] places = ArrayPool<int>.Shared.Rent(taps.Length * 2);
        short[] packed = ArrayPool<short>.Shared.Rent(checked(taps.Length * most * block * 2));
        byte[] padded = ArrayPool<byte>.Shared.Rent((RowsAtOnce * sourceStride) + Vector128<byte>.Count);
        Pack(taps, width, block, most, places, packed);
        fixed (int* place = places)
        fixed (short* weights = packed)
        fixed (byte* tail = padded)
        {
            var job = new Job(place, weights, most * block * 2, taps.Length, taps.Shift, channels);

            // The last pixels of a row are loaded together with some bytes behind them. For all rows but the last ones these
            // belong to the next row; the last rows are read from a copy with room behind it.
            int y = 0;
            for (; y + RowsAtOnce < rows; y += RowsAtOnce)
            {
                job.Rows(source + ((nint)y * sourceStride), sourceStride, target + ((nint)y * targetStride), targetStride, RowsAtOnce);
            }

            int left = rows - y;
            Buffer.MemoryCopy(source + ((nint)y * sourceStride), tail, padded.Length, (long)left * sourceStride);
            job.Rows(tail, sourceStride, target + ((nint)y * targetStride), targetStride, left);
        }

        ArrayPool<int>.Shared.Return(places);
        ArrayPool<short>.Shared.Return(packed);
        ArrayPool<byte>.Shared.Return(padded);
    }

    /// <summary>Start and number of blocks of every new pixel, and per block the high parts, then the low parts.</summary>
    private static void Pack(FixedTaps taps, int width, int block, int most, int[] places, short[] packed)
    {
        int stride = most * block * 2;
        for (int i = 0; i < taps.Length; i++)
        {
            int blocks = (taps.Count[i] + block - 1) / block;
            int first = taps.First[i];
            int start = Math.Min(first, width - (blocks * block));
            places[2 * i] = start;
            places[(2 * i) + 1] = blocks;
            Span<short> room = packed.AsSpan(i * stride, blocks * block * 2);
            room.Clear();
            ReadOnlySpan<int> weights = taps.Weights(i);
            for (int j = 0; j < weights.Length; j++)
            {
                int at = first - start + j;
                int to = (at / block * block * 2) + (at % block);
                room[to] = (short)(weights[j] >> FixedTaps.LowBits);
                room[to + block] = (short)(weights[j] & ((1 << FixedTaps.LowBits) - 1));
            }
        }
    }

    private static void Scalar(byte* source, int width, int rows, int channels, FixedTaps taps, byte* target)
    {
        int half = 1 << (taps.Shift - 1);
        for (int y = 0; y < rows; y++)
        {
            byte* row = source + ((nint)y * width * channels);
            for (int x = 0; x < taps.Length; x++)
            {
                ReadOnlySpan<int> weights = taps.Weights(x);
                for (int c = 0; c < channels; c++)
                {
                    byte* at = row + (taps.First[x] * channels) + c;
                    int sum = half;
                    foreach (int weight in weights)
                    {
                        sum += *at * weight;
                        at += channels;
                    }

                    *target++ = (byte)Math.Clamp(sum >> taps.Shift, 0, 255);
                }
            }
        }
    }

    /// <summary>What stays the same for all rows.</summary>
    private readonly struct Job(int* places, short* weights, int weightStride, int length, int shift, int channels)
    {
        internal void Rows(byte* source, int sourceStride, byte* target, int targetStride, int rows)
        {
            if (channels == 1)
            {
                for (int y = 0; y < rows; y++)
                {
                    Gray(source + ((nint)y * sourceStride), target + ((nint)y * targetStride));
                }
            }
            else if (rows == RowsAtOnce)
            {
                Four(source, sourceStride, target, targetStride);
            }
            else
            {
                for (int y = 0; y < rows; y++)
                {
                    One(source + ((nint)y * sourceStride), target + ((nint)y * targetStride));
                }
            }
        }

        /// <summary>Four rows of 3 or 4 channels.</summary>
        private void Four(byte* source, int sourceStride, byte* target, int targetStride)
        {
            Vector256<byte> pairs = Pairs(channels);
            Vector256<byte> highs = Highs, lows = Highs + Vector256.Create((byte)8);
            Vector256<int> half = Half;
            for (int x = 0; x < length; x++)
            {
                byte* at0 = source + ((nint)places[2 * x] * channels);
                byte* at1 = at0 + sourceStride;
                byte* at2 = at1 + sourceStride;
                byte* at3 = at2 + sourceStride;
                short* weight = weights + ((nint)x * weightStride);
                Vector256<int> h0 = default, h1 = default, h2 = default, h3 = default;
                Vector256<int> l0 = half, l1 = half, l2 = half, l3 = half;
                int step = 4 * channels;
                nint offset = 0;
                for (int b = places[(2 * x) + 1]; b > 0; b--)
                {
                    Vector256<byte> both = Avx2.BroadcastVector128ToVector256((byte*)weight);
                    Vector256<short> high = Avx2.Shuffle(both, highs).AsInt16();
                    Vector256<short> low = Avx2.Shuffle(both, lows).AsInt16();
                    Vector256<short> p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(at0 + offset), pairs).AsInt16();
                    h0 += Avx2.MultiplyAddAdjacent(p, high);
                    l0 += Avx2.MultiplyAddAdjacent(p, low);
                    p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(at1 + offset), pairs).AsInt16();
                    h1 += Avx2.MultiplyAddAdjacent(p, high);
                    l1 += Avx2.MultiplyAddAdjacent(p, low);
                    p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(at2 + offset), pairs).AsInt16();
                    h2 += Avx2.MultiplyAddAdjacent(p, high);
                    l2 += Avx2.MultiplyAddAdjacent(p, low);
                    p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(at3 + offset), pairs).AsInt16();
                    h3 += Avx2.MultiplyAddAdjacent(p, high);
                    l3 += Avx2.MultiplyAddAdjacent(p, low);
                    weight += 8;
                    offset += step;
                }

                Vector128<short> s01 = Sse2.PackSignedSaturate(Join(h0, l0), Join(h1, l1));
                Vector128<short> s23 = Sse2.PackSignedSaturate(Join(h2, l2), Join(h3, l3));
                Vector128<uint> bytes = Sse2.PackUnsignedSaturate(s01, s23).AsUInt32();
                byte* to = target + ((nint)x * channels);
                Put(to, bytes.GetElement(0));
                Put(to + targetStride, bytes.GetElement(1));
                Put(to + (2 * (nint)targetStride), bytes.GetElement(2));
                Put(to + (3 * (nint)targetStride), bytes.GetElement(3));
            }
        }

        /// <summary>One row of 3 or 4 channels.</summary>
        private void One(byte* source, byte* target)
        {
            Vector256<byte> pairs = Pairs(channels);
            Vector256<byte> highs = Highs, lows = Highs + Vector256.Create((byte)8);
            for (int x = 0; x < length; x++)
            {
                byte* at = source + ((nint)places[2 * x] * channels);
                short* weight = weights + ((nint)x * weightStride);
                Vector256<int> h = default;
                Vector256<int> l = Half;
                for (int b = places[(2 * x) + 1]; b > 0; b--)
                {
                    Vector256<byte> both = Avx2.BroadcastVector128ToVector256((byte*)weight);
                    Vector256<short> p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(at), pairs).AsInt16();
                    h += Avx2.MultiplyAddAdjacent(p, Avx2.Shuffle(both, highs).AsInt16());
                    l += Avx2.MultiplyAddAdjacent(p, Avx2.Shuffle(both, lows).AsInt16());
                    weight += 8;
                    at += 4 * channels;
                }

                Vector128<short> words = Sse2.PackSignedSaturate(Join(h, l), default);
                Put(target + ((nint)x * channels), Sse2.PackUnsignedSaturate(words, default).AsUInt32().ToScalar());
            }
        }

        /// <summary>One row of one channel, eight pixels at a time.</summary>
        private void Gray(byte* source, byte* target)
        {
            for (int x = 0; x < length; x++)
            {
                byte* at = source + places[2 * x];
                short* weight = weights + ((nint)x * weightStride);
                Vector128<int> h = default, l = default;
                for (int b = places[(2 * x) + 1]; b > 0; b--)
                {
                    Vector128<short> p = Sse41.ConvertToVector128Int16(at);
                    h += Sse2.MultiplyAddAdjacent(p, Vector128.Load(weight));
                    l += Sse2.MultiplyAddAdjacent(p, Vector128.Load(weight + 8));
                    weight += 16;
                    at += 8;
                }

                int sum = Vector128.Sum((h << FixedTaps.LowBits) + l) + (1 << (shift - 1));
                target[x] = (byte)Math.Clamp(sum >> shift, 0, 255);
            }
        }

        /// <summary>What rounds to the nearest; in one half only, as halves are added in the end.</summary>
        private Vector256<int> Half => Vector256.Create(Vector128.Create(1 << (shift - 1)), Vector128<int>.Zero);

        /// <summary>Both halves and both parts of a sum put together.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector128<int> Join(Vector256<int> high, Vector256<int> low)
        {
            Vector256<int> sum = (high << FixedTaps.LowBits) + low;
            return Vector128.ShiftRightArithmetic(sum.GetLower() + sum.GetUpper(), shift);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Put(byte* target, uint pixel)
        {
            if (channels == 4)
            {
                Unsafe.WriteUnaligned(target, pixel);
            }
            else
            {
                Unsafe.WriteUnaligned(target, (ushort)pixel);
                target[2] = (byte)(pixel >> 16);
            }
        }
    }

    /// <summary>Spreads the high parts k0 k1 | k2 k3 over four pairs in each half; eight bytes further lie the low parts.</summary>
    private static Vector256<byte> Highs => Vector256.Create(
        Vector128.Create((byte)0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3),
        Vector128.Create((byte)4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7));

    /// <summary>Four pixels to words: pairs of pixels 0 and 1 by channel in the lower half, of 2 and 3 in the upper.</summary>
    private static Vector256<byte> Pairs(int channels) => channels == 3
        ? Vector256.Create(
            Vector128.Create(0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255),
            Vector128.Create(6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, (byte)255))
        : Vector256.Create(
            Vector128.Create(0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 3, 255, 7, 255),
            Vector128.Create(8, 255, 12, 255, 9, 255, 13, 255, 10, 255, 14, 255, 11, 255, 15, (byte)255));
}
