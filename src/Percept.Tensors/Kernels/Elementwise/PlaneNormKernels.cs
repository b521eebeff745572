using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Group norm, instance norm and batch norm over [batch, channels, plane], with gradients.</summary>
/// <remarks>
/// Formula: x̂ = (x − mean)/√(var + eps) with biased statistics over a set of planes, y = x̂·w[c] + b[c]. Group norm: the
/// set is the planes of one group of channels in one image; instance norm: groups = channels; batch norm: one channel's planes of
/// all images. Gradient: with P = Σ dy and Q = Σ dy·(x − mean) of each plane, dx = rstd·(w·dy − s₁/M − x̂·s₂/M), s₁ = Σ w·P, s₂ = rstd·Σ w·Q;
/// dw = Σ rstd·Q, db = Σ P. Layout: contiguous. Tile: one vector; remainder: padded copy. Sets are the parallel items and sums run in
/// the order of planes: results do not depend on threads. y may be x, dx may be dy.
/// </remarks>
internal static unsafe partial class PlaneNormKernels
{
    /// <summary>y = x̂·w + b with statistics of the data.</summary>
    /// <param name="sets">Which planes share statistics.</param>
    /// <param name="x">[batch, channels, plane].</param>
    /// <param name="weight">[channels], or null.</param>
    /// <param name="bias">[channels], or null.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="y">[batch, channels, plane]; may be x.</param>
    /// <param name="statistics">[sets, 2]: mean and biased variance of each set, written when not null.</param>
    internal static void Forward(in PlaneSets sets, float* x, float* weight, float* bias, float eps, float* y, float* statistics)
    {
        var job = new ForwardJob { Sets = sets, X = x, Weight = weight, Bias = bias, Eps = eps, Y = y, Statistics = statistics };
        WorkerPool.Shared.Run(ref job, sets.PlaneCount == 0 ? 0 : sets.Count);
    }

    /// <summary>The gradients of <see cref="Forward"/>; destinations may be null.</summary>
    internal static void Gradient(
        in PlaneSets sets, float* x, float* weight, float eps, float* dy, float* dx, float* dweight, float* dbias)
    {
        if (sets.PlaneCount == 0)
        {
            // Sums over no rows are 0.
            ClearUnlessNull(dweight, sets.Channels);
            ClearUnlessNull(dbias, sets.Channels);
            return;
        }

        using ThreadScratch.Lease lease = ThreadScratch.Rent(sets.Batch * sets.Channels * 2L * sizeof(double));
        double* sums = (double*)lease.Pointer;
        var job = new GradientJob
        {
            Sets = sets, X = x, Weight = weight, Eps = eps, Dy = dy, Dx = dx, Sums = sums, Fixed = null,
        };
        WorkerPool.Shared.Run(ref job, sets.Count);
        AddUp(sets, sums, dweight, dbias);
    }

    /// <summary>y = (x − mean[c])/√(var[c] + eps)·w[c] + b[c] with given statistics.</summary>
    internal static void ForwardFixed(
        in PlaneSets sets, float* x, float* mean, float* variance, float* weight, float* bias, float eps, float* y)
    {
        var job = new FixedJob
        {
            Sets = sets, X = x, Mean = mean, Variance = variance, Weight = weight, Bias = bias, Eps = eps, Y = y,
        };
        WorkerPool.Shared.Run(ref job, sets.PlaneCount == 0 ? 0 : sets.Count);
    }

    /// <summary>The gradients of <see cref="ForwardFixed"/>, which is an affine map; destinations may be null.</summary>
    internal static void GradientFixed(
        in PlaneSets sets, float* x, float* mean, float* variance, float* weight, float eps, float* dy, float* dx,
        float* dweight, float* dbias)
    {
        if (sets.PlaneCount == 0)
        {
            // Sums over no rows are 0.
            ClearUnlessNull(dweight, sets.Channels);
            ClearUnlessNull(dbias, sets.Channels);
            return;
        }

        using ThreadScratch.Lease lease = ThreadScratch.Rent(sets.Batch * sets.Channels * 2L * sizeof(double));
        double* sums = (double*)lease.Pointer;
        var job = new GradientJob
        {
            Sets = sets, X = x, Weight = weight, Eps = eps, Dy = dy, Dx = dx, Sums = sums, Fixed = mean, Variance = variance,
        };
        WorkerPool.Shared.Run(ref job, sets.Count);
        AddUp(sets, sums, dweight, dbias);
    }

    private static void ClearUnlessNull(float* sums, long channels)
    {
        if (sums != null)
        {
            VectorKernels.Fill(sums, 0f, channels);
        }
    }

    /// <summary>Adds each channel's weight and bias gradients over the batch, in order.</summary>
    private static void AddUp(in PlaneSets sets, double* sums, float* dweight, float* dbias)
    {
        for (long c = 0; c < sets.Channels; c++)
        {
            double w = 0;
            double b = 0;
            for (long n = 0; n < sets.Batch; n++)
            {
                double* pair = sums + (((n * sets.Channels) + c) * 2);
                w += pair[0];
                b += pair[1];
            }

            if (dweight != null)
            {
                dweight[c] = (float)w;
            }

            if (dbias != null)
            {
                dbias[c] = (float)b;
            }
        }
    }

    /// <summary>y = (x − center)·factor + shift.</summary>
    private static void Affine(float* x, float center, float factor, float shift, float* y, nint count)
    {
        if (SimdLevel.Has512)
        {
            CombineCore<Simd512, Vector512<float>>(null, x, center, 0f, factor, shift, y, count);
        }
        else if (SimdLevel.Has256)
        {
            CombineCore<Simd256, Vector256<float>>(null, x, center, 0f, factor, shift, y, count);
        }
        else if (SimdLevel.Has128)
        {
            CombineCore<Simd128, Vector128<float>>(null, x, center, 0f, factor, shift, y, count);
        }
        else
        {
            CombineCore<SimdScalar, float>(null, x, center, 0f, factor, shift, y, count);
        }
    }

    /// <summary>dx = dy·a + (x − center)·b + c.</summary>
    internal static void Combine(float* dy, float* x, float center, float a, float b, float c, float* dx, nint count)
    {
        if (SimdLevel.Has512)
        {
            CombineCore<Simd512, Vector512<float>>(dy, x, center, a, b, c, dx, count);
        }
        else if (SimdLevel.Has256)
        {
            CombineCore<Simd256, Vector256<float>>(dy, x, center, a, b, c, dx, count);
        }
        else if (SimdLevel.Has128)
        {
            CombineCore<Simd128, Vector128<float>>(dy, x, center, a, b, c, dx, count);
        }
        else
        {
            CombineCore<SimdScalar, float>(dy, x, center, a, b, c, dx, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineCore<S, V>(float* dy, float* x, float center, float a, float b, float c, float* dx, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V middle = S.Set(center);
        V factorY = S.Set(a);
        V factorX = S.Set(b);
        V shift = S.Set(c);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V v = S.Fma(S.Sub(S.Load(x + i), middle), factorX, shift);
            S.Store(dx + i, dy == null ? v : S.Fma(S.Load(dy + i), factorY, v));
        }

        if (i < count)
        {
            V v = S.Fma(S.Sub(S.LoadPartial(x + i, count - i, 0f), middle), factorX, shift);
            S.StorePartial(dx + i, dy == null ? v : S.Fma(S.LoadPartial(dy + i, count - i, 0f), factorY, v), count - i);
        }
    }

    private struct ForwardJob : IParallelJob
    {
        internal PlaneSets Sets;
        internal float* X;
        internal float* Weight;
        internal float* Bias;
        internal float Eps;
        internal float* Y;
        internal float* Statistics;

        public readonly void Run(int index)
        {
            (float mean, double variance) = Sets.Moments(index, X);
            float inverse = (float)(1 / Math.Sqrt(variance + Eps));
            for (int k = 0; k < Sets.PlanesInSet; k++)
            {
                long at = Sets.Plane(index, k, out long channel);
                float factor = Weight == null ? inverse : inverse * Weight[channel];
                float shift = Bias == null ? 0f : Bias[channel];
                Affine(X + at, mean, factor, shift, Y + at, (nint)Sets.PlaneSize);
            }

            if (Statistics != null)
            {
                Statistics[2 * index] = mean;
                Statistics[(2 * index) + 1] = (float)variance;
            }
        }
    }

    private struct FixedJob : IParallelJob
    {
        internal PlaneSets Sets;
        internal float* X;
        internal float* Mean;
        internal float* Variance;
        internal float* Weight;
        internal float* Bias;
        internal float Eps;
        internal float* Y;

        public readonly void Run(int index)
        {
            for (int k = 0; k < Sets.PlanesInSet; k++)
            {
                long at = Sets.Plane(index, k, out long channel);
                float inverse = (float)(1 / Math.Sqrt((double)Variance[channel] + Eps));
                float factor = Weight == null ? inverse : inverse * Weight[channel];
                float shift = Bias == null ? 0f : Bias[channel];
                Affine(X + at, Mean[channel], factor, shift, Y + at, (nint)Sets.PlaneSize);
            }
        }
    }

    private struct GradientJob : IParallelJob
    {
        internal PlaneSets Sets;
        internal float* X;
        internal float* Weight;
        internal float Eps;
        internal float* Dy;
        internal float* Dx;

        /// <summary>[batch, channels, 2]: rstd·Q and P of each plane.</summary>
        internal double* Sums;

        /// <summary>The given means, or null for statistics of the data.</summary>
        internal float* Fixed;
        internal float* Variance;

        public readonly void Run(int index)
        {
            (float mean, double variance) = Fixed == null ? Sets.Moments(index, X) : (0f, 0.0);
            double inverse = 1 / Math.Sqrt(variance + Eps);
            nint size = (nint)Sets.PlaneSize;
            double weighted = 0;
            double weightedProduct = 0;
            for (int k = 0; k < Sets.PlanesInSet; k++)
            {
                long at = Sets.Plane(index, k, out long channel);
                if (Fixed != null)
                {
                    mean = Fixed[channel];
                    inverse = 1 / Math.Sqrt((double)Variance[channel] + Eps);
                }

                double sum = ReductionKernels.SumRange(Dy + at, size);
                double product = ReductionKernels.DotAroundRange(X + at, Dy + at, mean, size);
                double* pair = Sums + (at / Sets.PlaneSize * 2);
                pair[0] = product * inverse;
                pair[1] = sum;
                double w = Weight == null ? 1 : Weight[channel];
                weighted += w * sum;
                weightedProduct += w * product * inverse;
            }

            for (int k = 0; Dx != null && k < Sets.PlanesInSet; k++)
            {
                long at = Sets.Plane(index, k, out long channel);
                double w = Weight == null ? 1 : Weight[channel];
                if (Fixed != null)
                {
                    float slope = (float)(w / Math.Sqrt((double)Variance[channel] + Eps));
                    Affine(Dy + at, 0f, slope, 0f, Dx + at, size);
                    continue;
                }

                double count = (double)Sets.PlanesInSet * Sets.PlaneSize;
                float a = (float)(inverse * w);
                float b = (float)(-inverse * inverse * weightedProduct / count);
                float c = (float)(-inverse * weighted / count);
                Combine(Dy + at, X + at, mean, a, b, c, Dx + at, size);
            }
        }
    }
}
