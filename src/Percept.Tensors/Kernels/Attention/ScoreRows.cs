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

        // Hidden: from the range's end on, and before its start; the prefix is seen whatever the range.
        int seen = Math.Max(Math.Max(end, prefix), j0);
        if (seen < j0 + count)
        {
            new Span<float>(scores + (seen - j0), j0 + count - seen).Fill(float.NegativeInfinity);
        }

        int begin = Math.Max(j0, prefix), stop = Math.Min(first, j0 + count);
        if (begin < stop)
        {
            new Span<float>(scores + (begin - j0), stop - begin).Fill(float.NegativeInfinity);
        }
    }

    /// <summary>
    /// Fills the row up to a whole chunk of 16 with −∞ and returns the highest score. Rows have room for that.
    /// </summary>
    internal static float Max(float* scores, int count)
    {
        int whole = (count + 15) & ~15;
        new Span<float>(scores + count, whole - count).Fill(float.NegativeInfinity);
        return ReductionKernels.Max(scores, whole);
    }

    /// <summary>
    /// Writes exp(score − shift) into an A panel of the matrix kernel (chunks of 16, <paramref name="chunkStride"/> floats
    /// apart) and returns their sum. Whole chunks are read, as <see cref="Max"/> left them. With a stride of 16 the panel may be
    /// the scores.
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
    /// P = exp(s − highest − logTotal), dS = P·(dP − delta).
    /// </summary>
    internal static void Gradient(float* scores, float* products, int count, float highest, float logTotal, float delta)
    {
        if (float.IsNegativeInfinity(highest))
        {
            new Span<float>(scores, count).Clear();
            new Span<float>(products, count).Clear();
            return;
        }

        if (SimdLevel.Has512)
        {
            Gradient<Simd512, Vector512<float>>(scores, products, count, highest, logTotal, delta);
        }
        else if (SimdLevel.Has256)
        {
            Gradient<Simd256, Vector256<float>>(scores, products, count, highest, logTotal, delta);
        }
        else if (SimdLevel.Has128)
        {
            Gradient<Simd128, Vector128<float>>(scores, products, count, highest, logTotal, delta);
        }
        else
        {
            Gradient<SimdScalar, float>(scores, products, count, highest, logTotal, delta);
        }
    }

    private static void AddTerms(in AttentionProblem p, int b, int h, int i, int j0, int count, float* scores)
    {
        if (p.SoftCap != 0)
        {
            UnaryKernels.Map(new SoftcapOp(p.SoftCap), scores, scores, count);
        }

        if (p.Slopes != null)
        {
            AddSlope(scores, count, p.Slopes[h], j0 - i - p.OffsetOf(b));
        }

        if (p.Bias != null)
        {
            float* bias = p.Bias + (b * p.BiasBatch) + (h * p.BiasHead) + (i * p.BiasTime) + j0;
            System.Numerics.Tensors.TensorPrimitives.Add(
                new ReadOnlySpan<float>(scores, count), new ReadOnlySpan<float>(bias, count), new Span<float>(scores, count));
        }

        if (p.Mask != null)
        {
            HideMasked(new ReadOnlySpan<byte>(p.Mask + (b * p.MaskBatch) + (h * p.MaskHead) + (i * p.MaskTime) + j0, count), scores);
        }

        if (p.QuerySegments != null)
        {
            int segment = p.QuerySegments[(b * p.QuerySegmentsBatch) + i];
            HideOthers(new ReadOnlySpan<int>(p.KeySegments + (b * p.KeySegmentsBatch) + j0, count), segment, scores);
        }
    }

    /// <summary>Masks are mostly long runs: each is found by a search and filled as a whole.</summary>
    private static void HideMasked(ReadOnlySpan<byte> mask, float* scores)
    {
        for (int j = 0; j < mask.Length;)
        {
            int hidden = mask[j..].IndexOf((byte)0);
            if (hidden < 0)
            {
                return;
            }

            j += hidden;
            int run = mask[j..].IndexOfAnyExcept((byte)0);
            run = run < 0 ? mask.Length - j : run;
            new Span<float>(scores + j, run).Fill(float.NegativeInfinity);
            j += run;
        }
    }

    private static void HideOthers(ReadOnlySpan<int> segments, int segment, float* scores)
    {
        for (int j = 0; j < segments.Length;)
        {
            int hidden = segments[j..].IndexOfAnyExcept(segment);
            if (hidden < 0)
            {
                return;
            }

            j += hidden;
            int run = segments[j..].IndexOf(segment);
            run = run < 0 ? segments.Length - j : run;
            new Span<float>(scores + j, run).Fill(float.NegativeInfinity);
            j += run;
        }
    }

    /// <summary>scores[j] += slope·(distance + j).</summary>
    private static void AddSlope(float* scores, int count, float slope, long distance)
    {
        if (SimdLevel.Has512)
        {
            AddSlope<Simd512, Vector512<float>>(scores, count, slope, distance);
        }
        else if (SimdLevel.Has256)
        {
            AddSlope<Simd256, Vector256<float>>(scores, count, slope, distance);
        }
        else if (SimdLevel.Has128)
        {
            AddSlope<Simd128, Vector128<float>>(scores, count, slope, distance);
        }
        else
        {
            AddSlope<SimdScalar, float>(scores, count, slope, distance);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSlope<S, V>(float* scores, int count, float slope, long distance)
        where S : ISimd<V>
        where V : struct
    {
        float* ramp = stackalloc float[16];
        for (int l = 0; l < S.Width; l++)
        {
            ramp[l] = l;
        }

        // Distances are whole numbers, exact up to 2²⁴.
        V lanes = S.Load(ramp), factor = S.Set(slope);
        int j = 0;
        for (; j + S.Width <= count; j += S.Width)
        {
            S.Store(scores + j, S.Fma(factor, S.Add(lanes, S.Set(distance + j)), S.Load(scores + j)));
        }

        for (; j < count; j++)
        {
            scores[j] += slope * (distance + j);
        }
    }

    /// <summary>factors[j] = 1 − tanh²(scores[j] / cap): the slope of the cap, from scores not yet capped.</summary>
    internal static void CapSlopes(float* scores, int count, float cap, float* factors)
    {
        new Span<float>(factors, count).Fill(1f);
        UnaryKernels.MapGradient(new SoftcapOp(cap), scores, factors, factors, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExpIntoPanel<S, V>(float* scores, int count, float shift, float* panel, int chunkStride)
        where S : ISimd<V>
        where V : struct
    {
        V minus = S.Set(shift), sum = S.Set(0f);
        for (int j = 0; j < count; j += 16, panel += chunkStride)
        {
            for (int l = 0; l < 16; l += S.Width)
            {
                V e = VectorMath.Exp<S, V>(S.Sub(S.Load(scores + j + l), minus));
                S.Store(panel + l, e);
                sum = S.Add(sum, e);
            }
        }

        return S.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradient<S, V>(float* scores, float* products, int count, float highest, float logTotal, float delta)
        where S : ISimd<V>
        where V : struct
    {
        V shift = S.Set(highest), log = S.Set(logTotal), minus = S.Set(delta);
        int j = 0;
        for (; j + S.Width <= count; j += S.Width)
        {
            V s = S.Load(scores + j);
            V probability = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Sub(s, shift), log));
            V slope = S.Mul(probability, S.Sub(S.Load(products + j), minus));
            S.Store(scores + j, probability);
            S.Store(products + j, slope);
        }

        for (; j < count; j++)
        {
            scores[j] = MathF.Exp(scores[j] - highest - logTotal);
            products[j] = scores[j] * (products[j] - delta);
        }
    }
}
