using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>What happens to a row of scores between the product with the keys and the product with the values.</summary>
/// <remarks>
/// In order: soft cap, ALiBi, bias, then −∞ for keys that are hidden by range, mask or segment. Scores come in scaled.
/// Exponentials are those of the shared vector math (relative error below 3e-7).
/// </remarks>
internal static unsafe class ScoreRows
{
    /// <summary>Applies everything to the scores of query i for the keys [j0, j0 + count).</summary>
    internal static void Modify(in AttentionProblem p, int b, int h, int i, int j0, int count, float* scores)
    {
        (int first, int end) = p.Range(b, i);
        int prefix = Math.Min(p.Prefix, p.KeyLength(b));
        if (!p.IsPlain)
        {
            AddTerms(p, b, h, i, j0, count, scores);
        }

        for (int j = j0 + count; j > Math.Max(end, j0); j--)
        {
            scores[j - 1 - j0] = j - 1 < prefix ? scores[j - 1 - j0] : float.NegativeInfinity;
        }

        for (int j = Math.Max(j0, prefix); j < Math.Min(first, j0 + count); j++)
        {
            scores[j - j0] = float.NegativeInfinity;
        }
    }

    /// <summary>The highest score.</summary>
    internal static float Max(float* scores, int count) => ReductionKernels.Max(scores, count);

    /// <summary>
    /// Writes exp(score − shift) into an A panel of the matrix kernel (chunks of 16, <paramref name="chunkStride"/> floats
    /// apart) and returns their sum. The last chunk is filled up with zeros. With a stride of 16 the panel may be the scores.
    /// </summary>
    internal static float ExpIntoPanel(float* scores, int count, float shift, float* panel, int chunkStride)
    {
        if (SimdLevel.Has512)
        {
            return ExpIntoPanel<Simd512, Vector512<float>>(scores, count, shift, panel, chunkStride);
        }

        if (SimdLevel.Has256)
        {
            return ExpIntoPanel<Simd256, Vector256<float>>(scores, count, shift, panel, chunkStride);
        }

        return SimdLevel.Has128
            ? ExpIntoPanel<Simd128, Vector128<float>>(scores, count, shift, panel, chunkStride)
            : ExpIntoPanel<SimdScalar, float>(scores, count, shift, panel, chunkStride);
    }

    /// <summary>
    /// Turns scores and dO·Vᵀ into probabilities (in scores) and the gradient of the scores (in products):
    /// P = exp(s − logSum), dS = P·(dP − delta).
    /// </summary>
    internal static void Gradient(float* scores, float* products, int count, float logSum, float delta)
    {
        if (float.IsNegativeInfinity(logSum))
        {
            new Span<float>(scores, count).Clear();
            new Span<float>(products, count).Clear();
            return;
        }

        if (SimdLevel.Has512)
        {
            Gradient<Simd512, Vector512<float>>(scores, products, count, logSum, delta);
        }
        else if (SimdLevel.Has256)
        {
            Gradient<Simd256, Vector256<float>>(scores, products, count, logSum, delta);
        }
        else if (SimdLevel.Has128)
        {
            Gradient<Simd128, Vector128<float>>(scores, products, count, logSum, delta);
        }
        else
        {
            Gradient<SimdScalar, float>(scores, products, count, logSum, delta);
        }
    }

    private static void AddTerms(in AttentionProblem p, int b, int h, int i, int j0, int count, float* scores)
    {
        if (p.SoftCap != 0)
        {
            SoftCap(scores, count, p.SoftCap);
        }

        if (p.Slopes != null)
        {
            long at = i + p.OffsetOf(b);
            for (int j = 0; j < count; j++)
            {
                scores[j] += p.Slopes[h] * (j0 + j - at);
            }
        }

        if (p.Bias != null)
        {
            float* bias = p.Bias + (b * p.BiasBatch) + (h * p.BiasHead) + (i * p.BiasTime) + j0;
            System.Numerics.Tensors.TensorPrimitives.Add(
                new ReadOnlySpan<float>(scores, count), new ReadOnlySpan<float>(bias, count), new Span<float>(scores, count));
        }

        if (p.Mask != null)
        {
            byte* mask = p.Mask + (b * p.MaskBatch) + (h * p.MaskHead) + (i * p.MaskTime) + j0;
            for (int j = 0; j < count; j++)
            {
                scores[j] = mask[j] == 0 ? float.NegativeInfinity : scores[j];
            }
        }

        if (p.QuerySegments != null)
        {
            int segment = p.QuerySegments[(b * p.QuerySegmentsBatch) + i];
            int* keys = p.KeySegments + (b * p.KeySegmentsBatch) + j0;
            for (int j = 0; j < count; j++)
            {
                scores[j] = keys[j] == segment ? scores[j] : float.NegativeInfinity;
            }
        }
    }

    private static void SoftCap(float* scores, int count, float cap)
    {
        for (int j = 0; j < count; j++)
        {
            scores[j] = cap * MathF.Tanh(scores[j] / cap);
        }
    }

    /// <summary>factors[j] = 1 − tanh²(scores[j] / cap): the slope of the cap, from scores not yet capped.</summary>
    internal static void CapSlopes(float* scores, int count, float cap, float* factors)
    {
        for (int j = 0; j < count; j++)
        {
            float t = MathF.Tanh(scores[j] / cap);
            factors[j] = 1 - (t * t);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExpIntoPanel<S, V>(float* scores, int count, float shift, float* panel, int chunkStride)
        where S : ISimd<V>
        where V : struct
    {
        V minus = S.Set(shift), sum = S.Set(0f);
        int j = 0;
        for (; j + 16 <= count; j += 16, panel += chunkStride)
        {
            for (int l = 0; l < 16; l += S.Width)
            {
                V e = VectorMath.Exp<S, V>(S.Sub(S.Load(scores + j + l), minus));
                S.Store(panel + l, e);
                sum = S.Add(sum, e);
            }
        }

        float total = S.Sum(sum);
        if (j < count)
        {
            // Element by element: the panel may be the scores themselves.
            for (int l = 0; l < 16; l++, j++)
            {
                float e = j < count ? MathF.Exp(scores[j] - shift) : 0;
                panel[l] = e;
                total += e;
            }
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradient<S, V>(float* scores, float* products, int count, float logSum, float delta)
        where S : ISimd<V>
        where V : struct
    {
        V shift = S.Set(logSum), minus = S.Set(delta);
        int j = 0;
        for (; j + S.Width <= count; j += S.Width)
        {
            V s = S.Load(scores + j);
            V probability = VectorMath.Exp<S, V>(S.Sub(s, shift));
            V slope = S.Mul(probability, S.Sub(S.Load(products + j), minus));
            S.Store(scores + j, probability);
            S.Store(products + j, slope);
        }

        for (; j < count; j++)
        {
            scores[j] = MathF.Exp(scores[j] - logSum);
            products[j] = scores[j] * (products[j] - delta);
        }
    }
}
