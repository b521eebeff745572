using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>RMS norm and layer norm over rows, with gradients for input, weight and bias.</summary>
/// <remarks>
/// Formula: x̂ = (x − mean)/√(var + eps), biased variance around the mean (two passes over the row, which is in cache), or
/// x̂ = x/√(mean x² + eps); y = x̂·(offset + w) + b. Gradient, with g = dy·(offset + w): dx = (g − mean g − x̂·mean(g·x̂))/σ
/// (without mean g for RMS), dw = Σ dy·x̂, db = Σ dy over rows. Layout: contiguous rows. Tile: one vector, sums in four. Remainder: padded copies.
/// Weight gradients are summed over blocks of rows whose size follows from the shape alone, then over blocks in order:
/// results do not depend on threads. y may be x; dx may be dy.
/// </remarks>
internal static unsafe partial class NormKernels
{
    private const int MaxBlocks = 64;

    /// <summary>y = x̂·(offset + weight) + bias for each row.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">[columns], or null for ones.</param>
    /// <param name="bias">[columns], or null.</param>
    /// <param name="spec">Kind of norm, eps, offset.</param>
    /// <param name="y">[rows, columns]; may be x.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The length of a row.</param>
    internal static void Forward(float* x, float* weight, float* bias, in NormSpec spec, float* y, long rows, long columns)
    {
        if (columns == 0 || rows == 0)
        {
            return;
        }

        if (rows == 1)
        {
            Row(x, weight, bias, spec, y, (nint)columns);
        }
        else
        {
            ForwardRows(x, weight, bias, spec, y, rows, columns);
        }
    }

    // On its own, for a call with one row sets up no job.
    private static void ForwardRows(float* x, float* weight, float* bias, in NormSpec spec, float* y, long rows, long columns)
    {
        long itemRows = RowBlocks.ItemRows(rows, columns);

        var job = new ForwardJob
        {
            X = x, Weight = weight, Bias = bias, Spec = spec, Y = y, Rows = rows, Columns = columns, ItemRows = itemRows,
        };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, itemRows));
    }

    /// <summary>The gradients of <see cref="Forward"/>; each destination may be null when it is not wanted.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">[columns], or null for ones.</param>
    /// <param name="spec">Kind of norm, eps, offset.</param>
    /// <param name="dy">[rows, columns].</param>
    /// <param name="dx">[rows, columns], overwritten; may be dy; or null.</param>
    /// <param name="dweight">[columns], overwritten; or null.</param>
    /// <param name="dbias">[columns], overwritten; or null.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The length of a row.</param>
    internal static void Gradient(
        float* x, float* weight, NormSpec spec, float* dy, float* dx, float* dweight, float* dbias, long rows, long columns)
    {
        if (columns == 0)
        {
            return;
        }

        long itemRows = RowBlocks.ItemRows(rows, columns);
        itemRows = Math.Max(itemRows, (rows + MaxBlocks - 1) / MaxBlocks);
        int items = RowBlocks.Items(rows, itemRows);
        int sums = (dweight == null ? 0 : 1) + (dbias == null ? 0 : 1);
        using ThreadScratch.Lease lease = ThreadScratch.Rent(items * columns * sums * sizeof(float));
        float* partial = (float*)lease.Pointer;
        var job = new GradientJob
        {
            X = x, Weight = weight, Spec = spec, Dy = dy, Dx = dx, Rows = rows, Columns = columns, ItemRows = itemRows,
            Dweight = dweight == null ? null : partial,
            Dbias = dbias == null ? null : partial + (dweight == null ? 0 : items * columns),
        };
        WorkerPool.Shared.Run(ref job, items);
        if (dweight != null)
        {
            ReductionKernels.SumAxis(job.Dweight, dweight, 1, items, columns);
        }

        if (dbias != null)
        {
            ReductionKernels.SumAxis(job.Dbias, dbias, 1, items, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(float* x, float* weight, float* bias, in NormSpec spec, float* y, nint count)
    {
        if (weight != null && bias == null && !spec.Centered && spec.Offset == 0f && count <= ReductionKernels.Block)
        {
            RmsRow(x, weight, spec.Eps, y, count);
        }
        else
        {
            AnyRow(x, weight, bias, spec, y, count);
        }
    }

    /// <summary>RMS norm of a row with a weight and nothing else, as decoders have it: little is passed on and little decided.</summary>
    private static void RmsRow(float* x, float* weight, float eps, float* y, nint count)
    {
        // A row is stored as fast as it is read, which vectors of two halves slow down.
        if (SimdLevel.Has512 && !CpuFeatures.HalvesVectors512)
        {
            RmsCore<Simd512, Vector512<float>>(x, weight, eps, y, count);
        }
        else if (SimdLevel.Has256)
        {
            RmsCore<Simd256, Vector256<float>>(x, weight, eps, y, count);
        }
        else if (SimdLevel.Has128)
        {
            RmsCore<Simd128, Vector128<float>>(x, weight, eps, y, count);
        }
        else
        {
            RmsCore<SimdScalar, float>(x, weight, eps, y, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RmsCore<S, V>(float* x, float* weight, float eps, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V scale = S.Set(InverseRms<S, V>(x, eps, count));
        nint main = count - (count % S.Width);
        ScaleByWeight<S, V>(x, weight, scale, y, main);
        nint rest = count - main;
        if (rest > 0)
        {
            V last = S.Mul(S.Mul(S.LoadPartial(x + main, rest, 0f), scale), S.LoadPartial(weight + main, rest, 0f));
            S.StorePartial(y + main, last, rest);
        }
    }

    private static void AnyRow(float* x, float* weight, float* bias, in NormSpec spec, float* y, nint count)
    {
        // A row is stored as fast as it is read, which vectors of two halves slow down.
        if (SimdLevel.Has512 && !CpuFeatures.HalvesVectors512)
        {
            ForwardCore<Simd512, Vector512<float>>(x, weight, bias, spec, y, count);
        }
        else if (SimdLevel.Has256)
        {
            ForwardCore<Simd256, Vector256<float>>(x, weight, bias, spec, y, count);
        }
        else if (SimdLevel.Has128)
        {
            ForwardCore<Simd128, Vector128<float>>(x, weight, bias, spec, y, count);
        }
        else
        {
            ForwardCore<SimdScalar, float>(x, weight, bias, spec, y, count);
        }
    }

    private static void GradientRow(
        float* x, float* weight, NormSpec spec, float* dy, float* dx, float* dweight, float* dbias, nint count)
    {
        if (SimdLevel.Has512)
        {
            GradientCore<Simd512, Vector512<float>>(x, weight, spec, dy, dx, dweight, dbias, count);
        }
        else if (SimdLevel.Has256)
        {
            GradientCore<Simd256, Vector256<float>>(x, weight, spec, dy, dx, dweight, dbias, count);
        }
        else if (SimdLevel.Has128)
        {
            GradientCore<Simd128, Vector128<float>>(x, weight, spec, dy, dx, dweight, dbias, count);
        }
        else
        {
            GradientCore<SimdScalar, float>(x, weight, spec, dy, dx, dweight, dbias, count);
        }
    }

    /// <summary>1/√(mean x² + eps) of at most <see cref="ReductionKernels.Block"/> elements, with one division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float InverseRms<S, V>(float* x, float eps, nint count)
        where S : ISimd<V>
        where V : struct =>
        MathF.Sqrt(count / (ReductionKernels.SumInline<SquareTerm, S, V>(x, null, 0f, count) + (count * eps)));

    /// <summary>The row's mean (0 for RMS) and 1/√(variance + eps).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Mean, float InverseDeviation) Statistics<S, V>(float* x, in NormSpec spec, nint count)
        where S : ISimd<V>
        where V : struct
    {
        if (!spec.Centered && count <= ReductionKernels.Block)
        {
            return (0f, InverseRms<S, V>(x, spec.Eps, count));
        }

        return StatisticsInDouble(x, spec, count);
    }

    private static (float Mean, float InverseDeviation) StatisticsInDouble(float* x, in NormSpec spec, nint count)
    {
        double mean = spec.Centered ? ReductionKernels.SumRange(x, count) / count : 0;
        double squares = spec.Centered
            ? ReductionKernels.SquaresAroundRange(x, (float)mean, count)
            : ReductionKernels.SquaresRange(x, count);

        // The mean is rounded to a float before it is subtracted; what that leaves out is taken off the variance again.
        double rest = spec.Centered ? mean - (float)mean : 0;
        double variance = Math.Max(0, (squares / count) - (rest * rest));
        return ((float)mean, (float)(1 / Math.Sqrt(variance + spec.Eps)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardCore<S, V>(float* x, float* weight, float* bias, in NormSpec spec, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        (float mean, float inverse) = Statistics<S, V>(x, spec, count);
        V center = S.Set(mean);
        V scale = S.Set(inverse);
        V offset = S.Set(spec.Offset);
        nint main = count - (count % S.Width);
        if (weight == null)
        {
            for (nint i = 0; i < main; i += S.Width)
            {
                S.Store(y + i, S.Mul(S.Sub(S.Load(x + i), center), scale));
            }
        }
        else if (bias == null && !spec.Centered)
        {
            if (spec.Offset == 0f)
            {
                ScaleByWeight<S, V>(x, weight, scale, y, main);
            }
            else
            {
                ScaleByOffsetWeight<S, V>(x, weight, scale, offset, y, main);
            }
        }
        else
        {
            for (nint i = 0; i < main; i += S.Width)
            {
                V normal = S.Mul(S.Sub(S.Load(x + i), center), scale);
                V shift = bias == null ? S.Set(0f) : S.Load(bias + i);
                S.Store(y + i, S.Fma(normal, S.Add(S.Load(weight + i), offset), shift));
            }
        }

        nint rest = count - main;
        if (rest > 0)
        {
            V normal = S.Mul(S.Sub(S.LoadPartial(x + main, rest, 0f), center), scale);
            V factor = weight == null ? S.Set(1f) : S.Add(S.LoadPartial(weight + main, rest, 0f), offset);
            V shift = bias == null ? S.Set(0f) : S.LoadPartial(bias + main, rest, 0f);
            S.StorePartial(y + main, S.Fma(normal, factor, shift), rest);
        }
    }

    /// <summary>y = x·scale·weight, four vectors a turn; the count is whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ScaleByWeight<S, V>(float* x, float* weight, V scale, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        // Loads of 512 bits go a turn ahead of stores: where y lies a few vectors beyond x modulo 4096, the machine takes the
        // next load for one of the store just issued and would wait for its result.
        nint i = 0;
        if (S.Width == 16 && count >= 8 * S.Width)
        {
            V a = ByWeight<S, V>(x, weight, scale), b = ByWeight<S, V>(x + S.Width, weight + S.Width, scale);
            V c = ByWeight<S, V>(x + (2 * S.Width), weight + (2 * S.Width), scale);
            V d = ByWeight<S, V>(x + (3 * S.Width), weight + (3 * S.Width), scale);
            for (; i + (8 * S.Width) <= count; i += 4 * S.Width)
            {
                float* nextX = x + i + (4 * S.Width), nextWeight = weight + i + (4 * S.Width);
                V a1 = ByWeight<S, V>(nextX, nextWeight, scale);
                V b1 = ByWeight<S, V>(nextX + S.Width, nextWeight + S.Width, scale);
                V c1 = ByWeight<S, V>(nextX + (2 * S.Width), nextWeight + (2 * S.Width), scale);
                V d1 = ByWeight<S, V>(nextX + (3 * S.Width), nextWeight + (3 * S.Width), scale);
                S.Store(y + i, a);
                S.Store(y + i + S.Width, b);
                S.Store(y + i + (2 * S.Width), c);
                S.Store(y + i + (3 * S.Width), d);
                (a, b, c, d) = (a1, b1, c1, d1);
            }

            S.Store(y + i, a);
            S.Store(y + i + S.Width, b);
            S.Store(y + i + (2 * S.Width), c);
            S.Store(y + i + (3 * S.Width), d);
            i += 4 * S.Width;
        }

        for (; i + (4 * S.Width) <= count; i += 4 * S.Width)
        {
            V a = ByWeight<S, V>(x + i, weight + i, scale), b = ByWeight<S, V>(x + i + S.Width, weight + i + S.Width, scale);
            V c = ByWeight<S, V>(x + i + (2 * S.Width), weight + i + (2 * S.Width), scale);
            V d = ByWeight<S, V>(x + i + (3 * S.Width), weight + i + (3 * S.Width), scale);
            S.Store(y + i, a);
            S.Store(y + i + S.Width, b);
            S.Store(y + i + (2 * S.Width), c);
            S.Store(y + i + (3 * S.Width), d);
        }

        for (; i < count; i += S.Width)
        {
            S.Store(y + i, ByWeight<S, V>(x + i, weight + i, scale));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ByWeight<S, V>(float* x, float* weight, V scale)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Mul(S.Load(x), scale), S.Load(weight));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ScaleByOffsetWeight<S, V>(float* x, float* weight, V scale, V offset, float* y, nint count)
        where S : ISimd<V>
        where V : struct
    {
        for (nint i = 0; i < count; i += S.Width)
        {
            S.Store(y + i, S.Mul(S.Mul(S.Load(x + i), scale), S.Add(offset, S.Load(weight + i))));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientCore<S, V>(
        float* x, float* weight, NormSpec spec, float* dy, float* dx, float* dweight, float* dbias, nint count)
        where S : ISimd<V>
        where V : struct
    {
        (float mean, float inverse) = Statistics<S, V>(x, spec, count);
        V center = S.Set(mean);
        V scale = S.Set(inverse);
        V offset = S.Set(spec.Offset);
        V sum = S.Set(0f);
        V product = S.Set(0f);
        nint main = count - (count % S.Width);
        nint rest = count - main;

        // Pass 1: Σ g and Σ g·x̂, and what the row adds to the weight gradients.
        for (nint i = 0; i < main; i += S.Width)
        {
            V d = S.Load(dy + i);
            V normal = S.Mul(S.Sub(S.Load(x + i), center), scale);
            V g = weight == null ? d : S.Mul(d, S.Add(S.Load(weight + i), offset));
            sum = S.Add(sum, g);
            product = S.Fma(g, normal, product);
            if (dweight != null)
            {
                S.Store(dweight + i, S.Fma(d, normal, S.Load(dweight + i)));
            }

            if (dbias != null)
            {
                S.Store(dbias + i, S.Add(d, S.Load(dbias + i)));
            }
        }

        if (rest > 0)
        {
            V d = S.LoadPartial(dy + main, rest, 0f);
            V normal = S.Mul(S.Sub(S.LoadPartial(x + main, rest, 0f), center), scale);
            V g = weight == null ? d : S.Mul(d, S.Add(S.LoadPartial(weight + main, rest, 0f), offset));
            sum = S.Add(sum, g);
            product = S.Fma(g, normal, product);
            if (dweight != null)
            {
                S.StorePartial(dweight + main, S.Fma(d, normal, S.LoadPartial(dweight + main, rest, 0f)), rest);
            }

            if (dbias != null)
            {
                S.StorePartial(dbias + main, S.Add(d, S.LoadPartial(dbias + main, rest, 0f)), rest);
            }
        }

        if (dx == null)
        {
            return;
        }

        // Pass 2: dx.
        V meanOfG = S.Set(spec.Centered ? S.Sum(sum) / count : 0f);
        V meanOfProduct = S.Set(S.Sum(product) / -count);
        for (nint i = 0; i < main; i += S.Width)
        {
            V d = S.Load(dy + i);
            V normal = S.Mul(S.Sub(S.Load(x + i), center), scale);
            V g = weight == null ? d : S.Mul(d, S.Add(S.Load(weight + i), offset));
            S.Store(dx + i, S.Mul(scale, S.Fma(normal, meanOfProduct, S.Sub(g, meanOfG))));
        }

        if (rest > 0)
        {
            V d = S.LoadPartial(dy + main, rest, 0f);
            V normal = S.Mul(S.Sub(S.LoadPartial(x + main, rest, 0f), center), scale);
            V g = weight == null ? d : S.Mul(d, S.Add(S.LoadPartial(weight + main, rest, 0f), offset));
            S.StorePartial(dx + main, S.Mul(scale, S.Fma(normal, meanOfProduct, S.Sub(g, meanOfG))), rest);
        }
    }

    private struct ForwardJob : IParallelJob
    {
        internal float* X;
        internal float* Weight;
        internal float* Bias;
        internal NormSpec Spec;
        internal float* Y;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                Row(X + (r * Columns), Weight, Bias, Spec, Y + (r * Columns), (nint)Columns);
            }
        }
    }

    private struct GradientJob : IParallelJob
    {
        internal float* X;
        internal float* Weight;
        internal NormSpec Spec;
        internal float* Dy;
        internal float* Dx;
        internal float* Dweight;
        internal float* Dbias;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            float* dweight = Dweight == null ? null : Dweight + (index * Columns);
            float* dbias = Dbias == null ? null : Dbias + (index * Columns);
            Clear(dweight);
            Clear(dbias);
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                long at = r * Columns;
                GradientRow(
                    X + at, Weight, Spec, Dy + at, Dx == null ? null : Dx + at, dweight, dbias, (nint)Columns);
            }
        }

        private readonly void Clear(float* sums)
        {
            if (sums != null)
            {
                System.Runtime.InteropServices.NativeMemory.Clear(sums, (nuint)Columns * sizeof(float));
            }
        }
    }
}

/// <summary>Which norm, and its constants.</summary>
/// <param name="Centered">Layer norm when true, RMS norm when false.</param>
/// <param name="Eps">Added to the variance or mean square, inside the root.</param>
/// <param name="Offset">Added to the weight: 1 for norms that store weight − 1, else 0.</param>
internal readonly record struct NormSpec(bool Centered, float Eps, float Offset);
