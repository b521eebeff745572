using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Softmax and log-softmax over rows, with their gradients.</summary>
/// <remarks>
/// Formula: v = scale·x + mask, m = max v, y = e^(v−m)/Σe^(v−m), or y = v − m − ln Σe^(v−m). Layout: contiguous rows;
/// the mask is one row for every <c>maskEvery</c> rows in turn, or none. Tile: two vectors with a sum each. Remainder: a
/// padded copy (−∞ for the maximum, 0 for sums). y may be x, dx may be dy. Rows are independent, so results do not depend
/// on threads. A row that is −∞ throughout, or holds NaN or +∞, gives NaN, as in PyTorch.
/// </remarks>
internal static unsafe partial class SoftmaxKernels
{
    /// <summary>y = softmax (or log-softmax) of each row of scale·x + mask.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="mask">[maskRows, columns], added to row r as row r mod maskRows; or null.</param>
    /// <param name="maskRows">The rows of the mask.</param>
    /// <param name="scale">A factor on x.</param>
    /// <param name="logarithm">Whether the logarithm of the softmax is wanted.</param>
    /// <param name="y">[rows, columns]; may be x.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The length of a row.</param>
    internal static void Forward(
        float* x, float* mask, long maskRows, float scale, bool logarithm, float* y, long rows, long columns)
    {
        if (rows == 1 && columns > 0)
        {
            Row(x, mask, scale, logarithm, y, (nint)columns);
            return;
        }

        long itemRows = RowBlocks.ItemRows(rows, columns);
        var job = new ForwardJob
        {
            X = x, Mask = mask, MaskRows = maskRows, Scale = scale, Logarithm = logarithm, Y = y, Rows = rows,
            Columns = columns, ItemRows = itemRows,
        };
        WorkerPool.Shared.Run(ref job, columns == 0 ? 0 : RowBlocks.Items(rows, itemRows));
    }

    /// <summary>
    /// dx = scale·y·(dy − Σ y·dy) for the softmax, dx = scale·(dy − e^y·Σ dy) for its logarithm, from the result y.
    /// </summary>
    internal static void Gradient(float* y, float* dy, float scale, bool logarithm, float* dx, long rows, long columns)
    {
        long itemRows = RowBlocks.ItemRows(rows, columns);
        var job = new GradientJob
        {
            Y = y, Dy = dy, Scale = scale, Logarithm = logarithm, Dx = dx, Rows = rows, Columns = columns,
            ItemRows = itemRows,
        };
        WorkerPool.Shared.Run(ref job, columns == 0 ? 0 : RowBlocks.Items(rows, itemRows));
    }

    /// <summary>ln Σ e^x of one row; −∞ for a row of −∞, +∞ where one is +∞.</summary>
    internal static float LogSumExp(float* x, nint count)
    {
        float highest = ReductionKernels.Max(x, count);
        if (float.IsInfinity(highest) || float.IsNaN(highest))
        {
            return highest;
        }

        float sum = SimdLevel.Has512 ? SumExp<Simd512, Vector512<float>>(x, highest, count)
            : SimdLevel.Has256 ? SumExp<Simd256, Vector256<float>>(x, highest, count)
            : SimdLevel.Has128 ? SumExp<Simd128, Vector128<float>>(x, highest, count)
            : SumExp<SimdScalar, float>(x, highest, count);
        return highest + MathF.Log(sum);
    }

    private static void Row(float* x, float* mask, float scale, bool logarithm, float* y, nint count)
    {
        if (SimdLevel.Has512)
        {
            ForwardCore<Simd512, Vector512<float>>(x, mask, scale, logarithm, y, count);
        }
        else if (SimdLevel.Has256)
        {
            ForwardCore<Simd256, Vector256<float>>(x, mask, scale, logarithm, y, count);
        }
        else if (SimdLevel.Has128)
        {
            ForwardCore<Simd128, Vector128<float>>(x, mask, scale, logarithm, y, count);
        }
        else
        {
            ForwardCore<SimdScalar, float>(x, mask, scale, logarithm, y, count);
        }
    }

    private static void GradientRow(float* y, float* dy, float scale, bool logarithm, float* dx, nint count)
    {
        if (SimdLevel.Has512)
        {
            GradientCore<Simd512, Vector512<float>>(y, dy, scale, logarithm, dx, count);
        }
        else if (SimdLevel.Has256)
        {
            GradientCore<Simd256, Vector256<float>>(y, dy, scale, logarithm, dx, count);
        }
        else if (SimdLevel.Has128)
        {
            GradientCore<Simd128, Vector128<float>>(y, dy, scale, logarithm, dx, count);
        }
        else
        {
            GradientCore<SimdScalar, float>(y, dy, scale, logarithm, dx, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardCore<S, V>(float* x, float* mask, float scale, bool logarithm, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        // Pass 1: scale, mask, maximum. Scaled values are kept in y.
        float highest;
        if (mask == null && scale == 1f)
        {
            highest = MaxOf<S, V>(x, count);
        }
        else
        {
            highest = ScaleAndMask<S, V>(x, mask, scale, y, count);
            x = y;
        }

        if (logarithm)
        {
            float shift = highest + MathF.Log(SumExp<S, V>(x, highest, count));
            Subtract<S, V>(x, shift, y, count);
            return;
        }

        // Pass 2: exponentials and their sum. The tail is loaded before y (which may be x) is written.
        nint main = count - (count % S.Width);
        nint rest = count - main;
        V top = S.Set(highest);
        V sum0 = S.Set(0f);
        V sum1 = S.Set(0f);
        nint i = 0;
        for (; i + (2 * S.Width) <= main; i += 2 * S.Width)
        {
            V e0 = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Load(x + i), top));
            V e1 = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Load(x + i + S.Width), top));
            S.Store(y + i, e0);
            S.Store(y + i + S.Width, e1);
            sum0 = S.Add(sum0, e0);
            sum1 = S.Add(sum1, e1);
        }

        if (i < main)
        {
            V e = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Load(x + i), top));
            S.Store(y + i, e);
            sum0 = S.Add(sum0, e);
        }

        if (rest > 0)
        {
            V e = VectorMath.ExpOfNegative<S, V>(S.Sub(S.LoadPartial(x + main, rest, float.NegativeInfinity), top));
            S.StorePartial(y + main, e, rest);
            sum1 = S.Add(sum1, e);
        }

        // The padding of the tail adds e^−104 at the most: nothing to a sum of at least 1.
        V factor = S.Set(1f / S.Sum(S.Add(sum0, sum1)));
        for (i = 0; i < main; i += S.Width)
        {
            S.Store(y + i, S.Mul(S.Load(y + i), factor));
        }

        if (rest > 0)
        {
            S.StorePartial(y + main, S.Mul(S.LoadPartial(y + main, rest, 0f), factor), rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MaxOf<S, V>(float* x, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V m0 = S.Set(float.NegativeInfinity);
        V m1 = m0;
        V m2 = m0;
        V m3 = m0;
        nint i = 0;
        for (; i + (4 * S.Width) <= count; i += 4 * S.Width)
        {
            m0 = S.Max(m0, S.Load(x + i));
            m1 = S.Max(m1, S.Load(x + i + S.Width));
            m2 = S.Max(m2, S.Load(x + i + (2 * S.Width)));
            m3 = S.Max(m3, S.Load(x + i + (3 * S.Width)));
        }

        for (; i + S.Width <= count; i += S.Width)
        {
            m0 = S.Max(m0, S.Load(x + i));
        }

        if (i < count)
        {
            m1 = S.Max(m1, S.LoadPartial(x + i, count - i, float.NegativeInfinity));
        }

        return S.MaxAcross(S.Max(S.Max(m0, m1), S.Max(m2, m3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ScaleAndMask<S, V>(float* x, float* mask, float scale, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V factor = S.Set(scale);
        V m = S.Set(float.NegativeInfinity);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V v = S.Mul(S.Load(x + i), factor);
            v = mask == null ? v : S.Add(v, S.Load(mask + i));
            S.Store(y + i, v);
            m = S.Max(m, v);
        }

        if (i < count)
        {
            V v = S.Mul(S.LoadPartial(x + i, count - i, float.NegativeInfinity), factor);
            v = mask == null ? v : S.Add(v, S.LoadPartial(mask + i, count - i, 0f));
            S.StorePartial(y + i, v, count - i);
            m = S.Max(m, S.LoadPartial(y + i, count - i, float.NegativeInfinity));
        }

        return S.MaxAcross(m);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumExp<S, V>(float* x, float highest, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V top = S.Set(highest);
        V sum = S.Set(0f);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            sum = S.Add(sum, VectorMath.ExpOfNegative<S, V>(S.Sub(S.Load(x + i), top)));
        }

        if (i < count)
        {
            V v = S.Sub(S.LoadPartial(x + i, count - i, float.NegativeInfinity), top);
            sum = S.Add(sum, VectorMath.ExpOfNegative<S, V>(v));
        }

        return S.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract<S, V>(float* x, float shift, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V s = S.Set(shift);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            S.Store(y + i, S.Sub(S.Load(x + i), s));
        }

        if (i < count)
        {
            S.StorePartial(y + i, S.Sub(S.LoadPartial(x + i, count - i, 0f), s), count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientCore<S, V>(float* y, float* dy, float scale, bool logarithm, float* dx, nint count)
        where S : ISimd<V>
        where V : struct
    {
        nint main = count - (count % S.Width);
        nint rest = count - main;
        V sum = S.Set(0f);
        for (nint i = 0; i < main; i += S.Width)
        {
            sum = logarithm ? S.Add(sum, S.Load(dy + i)) : S.Fma(S.Load(y + i), S.Load(dy + i), sum);
        }

        if (rest > 0)
        {
            V d = S.LoadPartial(dy + main, rest, 0f);
            sum = logarithm ? S.Add(sum, d) : S.Fma(S.LoadPartial(y + main, rest, 0f), d, sum);
        }

        V total = S.Set(S.Sum(sum));
        V factor = S.Set(scale);
        for (nint i = 0; i < main; i += S.Width)
        {
            S.Store(dx + i, S.Mul(factor, GradientOf<S, V>(S.Load(y + i), S.Load(dy + i), total, logarithm)));
        }

        if (rest > 0)
        {
            V d = S.LoadPartial(dy + main, rest, 0f);
            V v = GradientOf<S, V>(S.LoadPartial(y + main, rest, 0f), d, total, logarithm);
            S.StorePartial(dx + main, S.Mul(factor, v), rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V GradientOf<S, V>(V y, V dy, V total, bool logarithm)
        where S : ISimd<V>
        where V : struct => logarithm
            ? S.Sub(dy, S.Mul(VectorMath.ExpOfNegative<S, V>(y), total))
            : S.Mul(y, S.Sub(dy, total));

    private struct ForwardJob : IParallelJob
    {
        internal float* X;
        internal float* Mask;
        internal long MaskRows;
        internal float Scale;
        internal bool Logarithm;
        internal float* Y;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                float* mask = Mask == null ? null : Mask + (r % MaskRows * Columns);
                Row(X + (r * Columns), mask, Scale, Logarithm, Y + (r * Columns), (nint)Columns);
            }
        }
    }

    private struct GradientJob : IParallelJob
    {
        internal float* Y;
        internal float* Dy;
        internal float Scale;
        internal bool Logarithm;
        internal float* Dx;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                long at = r * Columns;
                GradientRow(Y + at, Dy + at, Scale, Logarithm, Dx + at, (nint)Columns);
            }
        }
    }
}
