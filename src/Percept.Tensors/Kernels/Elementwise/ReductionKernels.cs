using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Reductions of contiguous arrays: sum, sum of squares, dot product, maximum and minimum with their places.</summary>
/// <remarks>
/// Sums: four vectors of partial sums over blocks of <see cref="Block"/> elements, block results added in double in order, so
/// the error does not grow with the length and the result does not depend on threads. Remainder: a padded copy. Maximum
/// and minimum follow PyTorch: NaN wins, the first of equals is the place.
/// </remarks>
internal static unsafe partial class ReductionKernels
{
    /// <summary>Elements added in float before they go to the double sum.</summary>
    internal const int Block = 4096;

    /// <summary>Σ x.</summary>
    internal static double Sum(float* x, long count) => Reduce<PlainTerm>(x, null, 0f, count);

    /// <summary>Σ x².</summary>
    internal static double SumOfSquares(float* x, long count) => Reduce<SquareTerm>(x, null, 0f, count);

    /// <summary>Σ x·y.</summary>
    internal static double Dot(float* x, float* y, long count) => Reduce<ProductTerm>(x, y, 0f, count);

    /// <summary>Σ (x − center)².</summary>
    internal static double SumOfSquaresAround(float* x, float center, long count) =>
        Reduce<CenteredTerm>(x, null, center, count);

    /// <summary>The greatest element; NaN when one is; −∞ for none.</summary>
    internal static float Max(float* x, long count) => Extreme(x, count, 1f);

    /// <summary>The least element; NaN when one is; +∞ for none.</summary>
    internal static float Min(float* x, long count) => -Extreme(x, count, -1f);

    /// <summary>Where the greatest element stands: the first of equals, or the first NaN.</summary>
    internal static long ArgMax(float* x, long count) => Find(x, count, Max(x, count));

    /// <summary>Where the least element stands: the first of equals, or the first NaN.</summary>
    internal static long ArgMin(float* x, long count) => Find(x, count, Min(x, count));

    private static double Reduce<TTerm>(float* x, float* y, float shift, long count)
        where TTerm : struct, ITerm
    {
        if (count < UnaryKernels.ParallelFrom)
        {
            return Range<TTerm>(x, y, shift, count);
        }

        int items = RowBlocks.Items(count, UnaryKernels.Chunk);
        using ThreadScratch.Lease lease = ThreadScratch.Rent(items * (long)sizeof(double));
        double* partial = (double*)lease.Pointer;
        var job = new SumJob<TTerm> { X = x, Y = y, Shift = shift, Count = count, Partial = partial };
        WorkerPool.Shared.Run(ref job, items);
        double sum = 0;
        for (int i = 0; i < items; i++)
        {
            sum += partial[i];
        }

        return sum;
    }

    private static double Range<TTerm>(float* x, float* y, float shift, long count)
        where TTerm : struct, ITerm
    {
        double sum = 0;
        for (long start = 0; start < count; start += Block)
        {
            nint length = (nint)Math.Min(Block, count - start);
            float* second = y == null ? null : y + start;
            sum += SimdLevel.Has512 ? SumCore<TTerm, Simd512, Vector512<float>>(x + start, second, shift, length)
                : SimdLevel.Has256 ? SumCore<TTerm, Simd256, Vector256<float>>(x + start, second, shift, length)
                : SimdLevel.Has128 ? SumCore<TTerm, Simd128, Vector128<float>>(x + start, second, shift, length)
                : SumScalar<TTerm>(x + start, second, shift, length);
        }

        return sum;
    }

    private static float Extreme(float* x, long count, float sign)
    {
        if (count < UnaryKernels.ParallelFrom)
        {
            return ExtremeRange(x, count, sign);
        }

        int items = RowBlocks.Items(count, UnaryKernels.Chunk);
        using ThreadScratch.Lease lease = ThreadScratch.Rent(items * (long)sizeof(float));
        float* partial = (float*)lease.Pointer;
        var job = new ExtremeJob { X = x, Count = count, Sign = sign, Partial = partial };
        WorkerPool.Shared.Run(ref job, items);
        return ExtremeRange(partial, items, 1f);
    }

    /// <summary>max(sign·x); Min is found as the negated maximum of the negated elements.</summary>
    private static float ExtremeRange(float* x, long count, float sign) =>
        SimdLevel.Has512 ? ExtremeCore<Simd512, Vector512<float>>(x, (nint)count, sign)
        : SimdLevel.Has256 ? ExtremeCore<Simd256, Vector256<float>>(x, (nint)count, sign)
        : SimdLevel.Has128 ? ExtremeCore<Simd128, Vector128<float>>(x, (nint)count, sign)
        : ExtremeCore<SimdScalar, float>(x, (nint)count, sign);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumCore<TTerm, S, V>(float* x, float* y, float shift, nint count)
        where TTerm : struct, ITerm
        where S : ISimd<V>
        where V : struct => SumInline<TTerm, S, V>(x, y, shift, count);

    /// <summary>The sum of the terms of up to <see cref="Block"/> elements, in floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumInline<TTerm, S, V>(float* x, float* y, float shift, nint count)
        where TTerm : struct, ITerm
        where S : ISimd<V>
        where V : struct
    {
        // Eight sums: two multiply-adds a cycle, each of which takes four cycles.
        V a0 = S.Set(0f), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        V s = S.Set(shift);
        nint i = 0, w = S.Width;
        for (; i + (8 * w) <= count; i += 8 * w)
        {
            a0 = Term<TTerm, S, V>(a0, x, y, i, s);
            a1 = Term<TTerm, S, V>(a1, x, y, i + w, s);
            a2 = Term<TTerm, S, V>(a2, x, y, i + (2 * w), s);
            a3 = Term<TTerm, S, V>(a3, x, y, i + (3 * w), s);
            a4 = Term<TTerm, S, V>(a4, x, y, i + (4 * w), s);
            a5 = Term<TTerm, S, V>(a5, x, y, i + (5 * w), s);
            a6 = Term<TTerm, S, V>(a6, x, y, i + (6 * w), s);
            a7 = Term<TTerm, S, V>(a7, x, y, i + (7 * w), s);
        }

        for (; i + w <= count; i += w)
        {
            a0 = Term<TTerm, S, V>(a0, x, y, i, s);
        }

        a0 = S.Add(S.Add(a0, a1), S.Add(a2, a3));
        a4 = S.Add(S.Add(a4, a5), S.Add(a6, a7));
        V sum = S.Add(a0, a4);
        if (i < count)
        {
            // The padding is what adds nothing: the center, or 0.
            V v = S.LoadPartial(x + i, count - i, shift);
            sum = TTerm.Add<S, V>(sum, v, TTerm.Two ? S.LoadPartial(y + i, count - i, 0f) : s, s);
        }

        return S.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Term<TTerm, S, V>(V sum, float* x, float* y, nint i, V shift)
        where TTerm : struct, ITerm
        where S : ISimd<V>
        where V : struct => TTerm.Add<S, V>(sum, S.Load(x + i), TTerm.Two ? S.Load(y + i) : shift, shift);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExtremeCore<S, V>(float* x, nint count, float sign)
        where S : ISimd<V>
        where V : struct
    {
        // A running sum of x·0 is NaN exactly when some element is NaN or infinite; only then are NaNs looked for.
        V best0 = S.Set(float.NegativeInfinity);
        V best1 = best0;
        V unordered0 = S.Set(0f);
        V unordered1 = unordered0;
        V zero = S.Set(0f);
        V factor = S.Set(sign);
        nint i = 0;
        for (; i + (2 * S.Width) <= count; i += 2 * S.Width)
        {
            V v0 = S.Load(x + i);
            V v1 = S.Load(x + i + S.Width);
            best0 = S.Max(S.Mul(v0, factor), best0);
            best1 = S.Max(S.Mul(v1, factor), best1);
            unordered0 = S.Fma(v0, zero, unordered0);
            unordered1 = S.Fma(v1, zero, unordered1);
        }

        for (; i < count; i += S.Width)
        {
            V v = count - i >= S.Width ? S.Load(x + i) : S.LoadPartial(x + i, count - i, sign * float.NegativeInfinity);
            best0 = S.Max(S.Mul(v, factor), best0);
            V known = count - i >= S.Width ? v : S.LoadPartial(x + i, count - i, 0f);
            unordered0 = S.Fma(known, zero, unordered0);
        }

        if (float.IsNaN(S.Sum(S.Add(unordered0, unordered1))))
        {
            for (i = 0; i < count; i++)
            {
                if (float.IsNaN(x[i]))
                {
                    return float.NaN;
                }
            }
        }

        return S.MaxAcross(S.Max(best0, best1));
    }

    private static long Find(float* x, long count, float value)
    {
        if (float.IsNaN(value))
        {
            for (long i = 0; i < count; i++)
            {
                if (float.IsNaN(x[i]))
                {
                    return i;
                }
            }
        }

        long at = 0;
        while (at < count)
        {
            int length = (int)Math.Min(count - at, 1 << 30);
            int found = new ReadOnlySpan<float>(x + at, length).IndexOf(value);
            if (found >= 0)
            {
                return at + found;
            }

            at += length;
        }

        return 0;
    }

    private struct SumJob<TTerm> : IParallelJob
        where TTerm : struct, ITerm
    {
        internal float* X;
        internal float* Y;
        internal float Shift;
        internal long Count;
        internal double* Partial;

        public readonly void Run(int index)
        {
            long start = (long)index * UnaryKernels.Chunk;
            long length = Math.Min(UnaryKernels.Chunk, Count - start);
            Partial[index] = Range<TTerm>(X + start, Y == null ? null : Y + start, Shift, length);
        }
    }

    private struct ExtremeJob : IParallelJob
    {
        internal float* X;
        internal long Count;
        internal float Sign;
        internal float* Partial;

        public readonly void Run(int index)
        {
            long start = (long)index * UnaryKernels.Chunk;
            Partial[index] = ExtremeRange(X + start, Math.Min(UnaryKernels.Chunk, Count - start), Sign);
        }
    }
}
