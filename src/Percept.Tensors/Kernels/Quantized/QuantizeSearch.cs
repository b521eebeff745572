// Least-squares fits of a group of 16 or 32 elements: minimise sum w (x - v)^2 over the scale (and minimum) and the codes.
// For fixed codes the best scale is the solution of a linear equation, for fixed scales the best codes are nearest ones;
// a grid of first scales around the one that covers the range, then the two steps alternating from the best of them.
// Sums run in 16 lanes and are added in a fixed order without fused operations, so blocks do not depend on the SIMD level.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>Fits of scales to groups of weighted elements; a group is <c>vectors</c> times 16 elements.</summary>
internal static unsafe class QuantizeSearch
{
    private const float Tiny = 1e-30f;

    /// <summary>The sum of 16 lanes, the same at every SIMD level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Sum(Vector512<float> v)
    {
        Vector256<float> half = v.GetLower() + v.GetUpper();
        Vector128<float> quarter = half.GetLower() + half.GetUpper();
        return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
    }

    /// <summary>Each lane clamped and rounded to the nearest integer, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Codes(Vector512<float> v, float low, float high)
    {
        const float Magic = 12582912f;
        v = Vector512.MinNative(Vector512.MaxNative(v, Vector512.Create(low)), Vector512.Create(high));
        return (v + Vector512.Create(Magic)) - Vector512.Create(Magic);
    }

    /// <summary>1 / value, 0 where that is not a number to scale by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Inverse(float value) => MathF.Abs(value) > Tiny ? 1f / value : 0f;

    /// <summary>Fits x = scale * code, code in -bound .. bound - 1; the scale may be negative.</summary>
    /// <param name="x">The elements.</param>
    /// <param name="w">Their weights, not negative.</param>
    /// <param name="vectors">How many times 16 elements.</param>
    /// <param name="bound">Minus the smallest code.</param>
    /// <param name="curvature">The weighted sum of squared codes: how fast the error grows as the scale moves.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Symmetric(float* x, float* w, int vectors, int bound, out float curvature)
    {
        float extreme = Extreme(x, 16 * vectors);
        curvature = 0;
        if (!(MathF.Abs(extreme) > Tiny))
        {
            return 0;
        }

        float bestScale = 0;
        float best = 0;
        for (int step = -9; step <= 9; step++)
        {
            SymmetricSums(x, w, vectors, bound, -(bound + (0.1f * step)) / extreme, out float xq, out float qq);
            if (qq > 0 && xq * xq > best * qq)
            {
                bestScale = xq / qq;
                best = bestScale * xq;
                curvature = qq;
            }
        }

        for (int round = 0; round < 4; round++)
        {
            SymmetricSums(x, w, vectors, bound, Inverse(bestScale), out float xq, out float qq);
            if (!(qq > 0 && xq * xq > best * qq))
            {
                break;
            }

            bestScale = xq / qq;
            best = bestScale * xq;
            curvature = qq;
        }

        return bestScale;
    }

    /// <summary>The weighted squared error of x against scale * nearest code in -bound .. bound - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float SymmetricError(float* x, float* w, int vectors, int bound, float scale)
    {
        Vector512<float> inverse = Vector512.Create(Inverse(scale));
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < vectors; i++)
        {
            Vector512<float> v = Vector512.Load(x + (16 * i));
            Vector512<float> error = v - (Codes(v * inverse, -bound, bound - 1) * scale);
            sum += error * error * Vector512.Load(w + (16 * i));
        }

        return Sum(sum);
    }

    /// <summary>Fits x = scale * code + offset, code in 0 .. top.</summary>
    /// <param name="x">The elements.</param>
    /// <param name="w">Their weights, not negative.</param>
    /// <param name="vectors">How many times 16 elements.</param>
    /// <param name="top">The largest code.</param>
    /// <param name="anyOffset">Whether the offset may be positive; else it is at most 0.</param>
    /// <param name="offset">The offset.</param>
    /// <param name="curvature">The weighted sum of squared codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Affine(
        float* x, float* w, int vectors, int top, bool anyOffset, out float offset, out float curvature)
    {
        Range(x, 16 * vectors, out float min, out float max);
        min = anyOffset ? min : Math.Min(min, 0f);
        curvature = 0;
        offset = min;
        if (!(max - min > Tiny))
        {
            return 0;
        }

        var fit = new AffineFit(x, w, vectors, top, anyOffset);
        float bestScale = (max - min) / top;
        float best = AffineError(x, w, vectors, top, bestScale, offset);
        for (int step = -10; step <= 10; step++)
        {
            float inverse = (top + (0.09f * step)) / (max - min);
            fit.Improve(inverse, min, ref bestScale, ref offset, ref best, ref curvature);
        }

        for (int round = 0; round < 4; round++)
        {
            if (!fit.Improve(Inverse(bestScale), offset, ref bestScale, ref offset, ref best, ref curvature))
            {
                break;
            }
        }

        return bestScale;
    }

    /// <summary>The weighted squared error of x against scale * nearest code in 0 .. top + offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float AffineError(float* x, float* w, int vectors, int top, float scale, float offset)
    {
        Vector512<float> inverse = Vector512.Create(Inverse(scale));
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < vectors; i++)
        {
            Vector512<float> v = Vector512.Load(x + (16 * i)) - Vector512.Create(offset);
            Vector512<float> error = v - (Codes(v * inverse, 0, top) * scale);
            sum += error * error * Vector512.Load(w + (16 * i));
        }

        return Sum(sum);
    }

    /// <summary>Writes the codes nearest to (x - offset) / scale as integers 0 .. high - low, low subtracted.</summary>
    internal static void PutCodes(float* x, int vectors, float low, float high, float scale, float offset, byte* codes)
    {
        Vector512<float> inverse = Vector512.Create(Inverse(scale));
        for (int i = 0; i < vectors; i++)
        {
            Vector512<float> v = (Vector512.Load(x + (16 * i)) - Vector512.Create(offset)) * inverse;
            Vector512<float> code = Codes(v, low, high) - Vector512.Create(low);
            for (int j = 0; j < 16; j++)
            {
                codes[(16 * i) + j] = (byte)Math.Clamp((int)code[j], 0, (int)(high - low));
            }
        }
    }

    /// <summary>A common factor for small non-negative values: values[j] = factor * integer in 0 .. top.</summary>
    /// <param name="values">The values; negative ones count as 0.</param>
    /// <param name="weights">What a squared error in each costs.</param>
    /// <param name="count">How many.</param>
    /// <param name="top">The largest integer.</param>
    internal static float Factor(float* values, float* weights, int count, int top)
    {
        float max = 0;
        for (int j = 0; j < count; j++)
        {
            max = values[j] > max ? values[j] : max;
        }

        if (!(max > Tiny))
        {
            return 0;
        }

        float bestFactor = max / top;
        float best = float.MaxValue;
        for (int step = -6; step <= 6; step++)
        {
            float inverse = (top + (0.1f * step)) / max;
            float xq = 0;
            float qq = 0;
            for (int j = 0; j < count; j++)
            {
                float code = MathF.Round(Math.Clamp(values[j] * inverse, 0f, top));
                xq += weights[j] * values[j] * code;
                qq += weights[j] * code * code;
            }

            float factor = qq > 0 ? xq / qq : 1f / inverse;
            float error = 0;
            for (int j = 0; j < count; j++)
            {
                float code = MathF.Round(Math.Clamp(values[j] / factor, 0f, top));
                float difference = values[j] - (factor * code);
                error += weights[j] * difference * difference;
            }

            if (error < best)
            {
                best = error;
                bestFactor = factor;
            }
        }

        return bestFactor;
    }

    /// <summary>The element largest in magnitude, with its sign.</summary>
    internal static float Extreme(float* x, int count)
    {
        float largest = 0;
        float extreme = 0;
        for (int j = 0; j < count; j++)
        {
            float a = MathF.Abs(x[j]);
            if (a > largest)
            {
                largest = a;
                extreme = x[j];
            }
        }

        return extreme;
    }

    private static void Range(float* x, int count, out float min, out float max)
    {
        min = x[0];
        max = x[0];
        for (int j = 1; j < count; j++)
        {
            min = x[j] < min ? x[j] : min;
            max = x[j] > max ? x[j] : max;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SymmetricSums(
        float* x, float* w, int vectors, int bound, float inverse, out float xq, out float qq)
    {
        Vector512<float> sumXq = Vector512<float>.Zero;
        Vector512<float> sumQq = Vector512<float>.Zero;
        for (int i = 0; i < vectors; i++)
        {
            Vector512<float> v = Vector512.Load(x + (16 * i));
            Vector512<float> code = Codes(v * Vector512.Create(inverse), -bound, bound - 1);
            Vector512<float> weighted = code * Vector512.Load(w + (16 * i));
            sumXq += weighted * v;
            sumQq += weighted * code;
        }

        xq = Sum(sumXq);
        qq = Sum(sumQq);
    }

    /// <summary>The elements of one affine fit and the sums that do not depend on the codes.</summary>
    private readonly struct AffineFit
    {
        private readonly float* _x;
        private readonly float* _w;
        private readonly int _vectors;
        private readonly int _top;
        private readonly bool _anyOffset;
        private readonly float _sumW;
        private readonly float _sumX;

        internal AffineFit(float* x, float* w, int vectors, int top, bool anyOffset)
        {
            _x = x;
            _w = w;
            _vectors = vectors;
            _top = top;
            _anyOffset = anyOffset;
            Vector512<float> sumW = Vector512<float>.Zero;
            Vector512<float> sumX = Vector512<float>.Zero;
            for (int i = 0; i < vectors; i++)
            {
                Vector512<float> weight = Vector512.Load(w + (16 * i));
                sumW += weight;
                sumX += weight * Vector512.Load(x + (16 * i));
            }

            _sumW = Sum(sumW);
            _sumX = Sum(sumX);
        }

        /// <summary>Takes the least-squares line through the codes of a trial scale when it is better.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal bool Improve(
            float inverse, float origin, ref float scale, ref float offset, ref float best, ref float curvature)
        {
            Vector512<float> sumQ = Vector512<float>.Zero;
            Vector512<float> sumQq = Vector512<float>.Zero;
            Vector512<float> sumXq = Vector512<float>.Zero;
            for (int i = 0; i < _vectors; i++)
            {
                Vector512<float> v = Vector512.Load(_x + (16 * i));
                Vector512<float> code =
                    Codes((v - Vector512.Create(origin)) * Vector512.Create(inverse), 0, _top);
                Vector512<float> weighted = code * Vector512.Load(_w + (16 * i));
                sumQ += weighted;
                sumQq += weighted * code;
                sumXq += weighted * v;
            }

            float q = Sum(sumQ);
            float qq = Sum(sumQq);
            float xq = Sum(sumXq);
            float determinant = (_sumW * qq) - (q * q);
            if (!(determinant > 0))
            {
                return false;
            }

            float trialScale = ((_sumW * xq) - (_sumX * q)) / determinant;
            float trialOffset = ((qq * _sumX) - (q * xq)) / determinant;
            if (!_anyOffset && trialOffset > 0)
            {
                trialOffset = 0;
                trialScale = xq / qq;
            }

            float error = AffineError(_x, _w, _vectors, _top, trialScale, trialOffset);
            if (!(trialScale > 0 && error < best))
            {
                return false;
            }

            scale = trialScale;
            offset = trialOffset;
            best = error;
            curvature = qq;
            return true;
        }
    }
}
