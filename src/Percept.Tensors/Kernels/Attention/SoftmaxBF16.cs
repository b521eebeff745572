using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Kernels.BF16;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// One step of the online softmax of <see cref="AttentionBF16"/>: scores become exponentials in bfloat16, laid out as the next
/// product reads them. Runs only where the emitted tiles do, so with 512-bit vectors.
/// </summary>
/// <remarks>
/// Scores: [keys/32][rows][32], unscaled. Per row: m' = max(m, scale·scores), keep = exp(m − m'), total' = total·keep +
/// Σ exp(scale·scores − m'), sums' = sums·keep. Totals are of the exponentials before they are rounded.
/// </remarks>
internal static unsafe class SoftmaxBF16
{
    /// <summary>Floats that the running maxima and totals of a tile take each.</summary>
    internal const int StateRows = 16;

    private const int Chunk = BF16Micro.BlockK;

    /// <summary>Nothing has been seen yet.</summary>
    internal static void Begin(float* highest, float* totals)
    {
        Vector512.Create(float.NegativeInfinity).Store(highest);
        Vector512<float>.Zero.Store(totals);
    }

    /// <summary>Runs the step.</summary>
    /// <param name="scores">Whole chunks of 32 keys; those past <paramref name="count"/> do not count.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="count">How many keys there are; at least 1.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="weights">bfloat16 [keys/32][rows][32]: the exponentials.</param>
    /// <param name="sums">[rows, columns]: what was summed before.</param>
    /// <param name="columns">A multiple of 16; 0 where nothing was summed before.</param>
    /// <param name="highest">[<see cref="StateRows"/>]: the running maxima.</param>
    /// <param name="totals">[<see cref="StateRows"/>]: the running totals.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run(
        float* scores, int rows, int count, float scale, ushort* weights, float* sums, int columns, float* highest,
        float* totals)
    {
        int chunks = (count + Chunk - 1) / Chunk;
        nint step = rows * Chunk;
        Vector512<float> scales = Vector512.Create(scale);
        Vector512<float> lowest = Vector512.Create(float.NegativeInfinity);
        float* shifts = stackalloc float[StateRows];
        float* keeps = stackalloc float[StateRows];
        lowest.Store(shifts);
        float* end = scores + (chunks * step);
        for (int r = 0; r < rows; r++)
        {
            Vector512<float> left = lowest, right = lowest;
            float* at = scores + (r * Chunk), last = end - step;
            for (; at < last; at += step)
            {
                left = Simd512.Max(Vector512.Load(at) * scales, left);
                right = Simd512.Max(Vector512.Load(at + 16) * scales, right);
            }

            // Places past the last key do not count.
            int seen = count - ((chunks - 1) * Chunk);
            Vector512<float> first = Seen(Vector512.Load(at) * scales, seen);
            Vector512<float> second = Seen(Vector512.Load(at + 16) * scales, seen - 16);
            shifts[r] = Simd512.MaxAcross(Simd512.Max(Simd512.Max(first, left), Simd512.Max(second, right)));
        }

        Vector512<float> old = Vector512.Load(highest), now = Simd512.Max(old, Vector512.Load(shifts));
        Vector512<float> shift = Vector512.ConditionalSelect(Vector512.Equals(now, lowest), Vector512<float>.Zero, now);
        Vector512<float> keep = VectorMath.ExpOfNegative<Simd512, Vector512<float>>(old - shift);
        now.Store(highest);
        shift.Store(shifts);
        keep.Store(keeps);
        (Vector512.Load(totals) * keep).Store(totals);
        for (int r = 0; r < rows; r++)
        {
            Vector512<float> less = Vector512.Create(-shifts[r]), sum = Vector512<float>.Zero;
            float* at = scores + (r * Chunk);
            ushort* to = weights + (r * Chunk);
            for (int left = count; left > 0; left -= Chunk, at += step, to += step)
            {
                Vector512<float> low = Exp(at, scales, less), high = Exp(at + 16, scales, less);
                if (left < Chunk)
                {
                    low = Counted(low, left);
                    high = Counted(high, left - 16);
                }

                BF16Pack.Round(low, high).Store(to);
                sum += low + high;
            }

            totals[r] += Simd512.Sum(sum);
        }

        for (int r = 0; r < rows && columns > 0; r++, sums += columns)
        {
            if (keeps[r] != 1)
            {
                Vector512<float> factor = Vector512.Create(keeps[r]);
                for (int j = 0; j < columns; j += 16)
                {
                    (Vector512.Load(sums + j) * factor).Store(sums + j);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(float* scores, Vector512<float> scales, Vector512<float> less) =>
        VectorMath.ExpOfNegative<Simd512, Vector512<float>>(Simd512.Fma(Vector512.Load(scores), scales, less));

    /// <summary>The first lanes, −∞ behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Seen(Vector512<float> value, int lanes) => Vector512.ConditionalSelect(
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(lanes)).AsSingle(), value,
        Vector512.Create(float.NegativeInfinity));

    /// <summary>The first lanes, zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Counted(Vector512<float> value, int lanes) =>
        value & Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(lanes)).AsSingle();
}
