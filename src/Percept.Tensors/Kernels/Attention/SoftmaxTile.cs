using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// One step of the online softmax for a tile of queries: scores become exp(score − maximum) where they lie; what was summed
/// before is brought to the new maximum.
/// </summary>
/// <remarks>
/// Scores are an A panel of <see cref="GemmMicro"/>: whole chunks of 16 keys, −∞ for those that do not count. Per row:
/// m' = max(m, scores), keep = exp(m − m'), total' = total·keep + Σ exp(scores − m'), sums' = sums·keep. A row that has seen
/// no key stays at −∞ and is shifted by 0, so that its exponentials are zeros. All rows go through each pass before
/// the next begins: there are no chains from row to row, and work of neighbouring rows overlaps.
/// </remarks>
internal static unsafe class SoftmaxTile
{
    /// <summary>Floats that the running maxima and totals of a tile take each.</summary>
    internal const int MaxRows = 16;

    /// <summary>Runs the step.</summary>
    /// <param name="scores">The scores; become the weights.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="chunks">Chunks of 16 keys.</param>
    /// <param name="sums">[rows, columns]: what was summed before.</param>
    /// <param name="columns">A multiple of 8.</param>
    /// <param name="highest">[<see cref="MaxRows"/>]: the running maxima; those of no row are −∞.</param>
    /// <param name="totals">[<see cref="MaxRows"/>]: the running totals.</param>
    internal static void Run(float* scores, int rows, int chunks, float* sums, int columns, float* highest, float* totals)
    {
        if (SimdLevel.Has512)
        {
            Run<Simd512, Vector512<float>>(scores, rows, chunks, sums, columns, highest, totals);
        }
        else if (SimdLevel.Has256)
        {
            Run<Simd256, Vector256<float>>(scores, rows, chunks, sums, columns, highest, totals);
        }
        else if (SimdLevel.Has128)
        {
            Run<Simd128, Vector128<float>>(scores, rows, chunks, sums, columns, highest, totals);
        }
        else
        {
            RunScalar(scores, rows, chunks, sums, columns, highest, totals);
        }
    }

    /// <summary>target[j] = sums[j]·factor for count elements; sums are aligned and padded to whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Scale(float* sums, int count, float factor, float* target)
    {
        if (SimdLevel.Has512)
        {
            Scale<Simd512, Vector512<float>>(sums, count, factor, target);
        }
        else if (SimdLevel.Has256)
        {
            Scale<Simd256, Vector256<float>>(sums, count, factor, target);
        }
        else if (SimdLevel.Has128)
        {
            Scale<Simd128, Vector128<float>>(sums, count, factor, target);
        }
        else
        {
            Scale<SimdScalar, float>(sums, count, factor, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<S, V>(float* sums, int count, float factor, float* target)
        where S : ISimd<V>
        where V : struct
    {
        V by = S.Set(factor);
        nint j = 0;
        for (; j + S.Width <= count; j += S.Width)
        {
            S.Store(target + j, S.Mul(S.Load(sums + j), by));
        }

        if (j < count)
        {
            S.StorePartial(target + j, S.Mul(S.Load(sums + j), by), count - j);
        }
    }

    /// <summary>The scalar twin of <see cref="Run(float*, int, int, float*, int, float*, float*)"/>.</summary>
    internal static void RunScalar(float* scores, int rows, int chunks, float* sums, int columns, float* highest, float* totals) =>
        Run<SimdScalar, float>(scores, rows, chunks, sums, columns, highest, totals);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<S, V>(float* scores, int rows, int chunks, float* sums, int columns, float* highest, float* totals)
        where S : ISimd<V>
        where V : struct
    {
        nint step = GemmMicro.Mr * GemmMicro.Chunk;
        float* end = scores + (chunks * step);
        float* shifts = stackalloc float[MaxRows];
        float* keeps = stackalloc float[MaxRows];
        V lowest = S.Set(float.NegativeInfinity);
        for (int l = 0; l < MaxRows; l += S.Width)
        {
            S.Store(shifts + l, lowest);
        }

        for (int r = 0; r < rows; r++)
        {
            V max = lowest;
            for (float* p = scores + (r * GemmMicro.Chunk); p < end; p += step)
            {
                for (int l = 0; l < GemmMicro.Chunk; l += S.Width)
                {
                    max = S.Max(max, S.Load(p + l));
                }
            }

            shifts[r] = S.MaxAcross(max);
        }

        for (int l = 0; l < MaxRows; l += S.Width)
        {
            V old = S.Load(highest + l), now = S.Max(old, S.Load(shifts + l));
            V shift = S.Select(S.Equal(now, lowest), S.Set(0f), now);
            V keep = VectorMath.ExpOfNegative<S, V>(S.Sub(old, shift));
            S.Store(highest + l, now);
            S.Store(shifts + l, shift);
            S.Store(keeps + l, keep);
            S.Store(totals + l, S.Mul(S.Load(totals + l), keep));
        }

        for (int r = 0; r < rows; r++)
        {
            V shift = S.Set(shifts[r]), sum = S.Set(0f);
            for (float* p = scores + (r * GemmMicro.Chunk); p < end; p += step)
            {
                for (int l = 0; l < GemmMicro.Chunk; l += S.Width)
                {
                    V e = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Load(p + l), shift));
                    S.Store(p + l, e);
                    sum = S.Add(sum, e);
                }
            }

            totals[r] += S.Sum(sum);
        }

        for (int r = 0; r < rows; r++, sums += columns)
        {
            if (keeps[r] != 1)
            {
                V keep = S.Set(keeps[r]);
                for (int j = 0; j < columns; j += S.Width)
                {
                    S.Store(sums + j, S.Mul(S.Load(sums + j), keep));
                }
            }
        }
    }
}
