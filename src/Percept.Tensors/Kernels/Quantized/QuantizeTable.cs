// Encoders of IQ4_NL and IQ4_XS: 16 unevenly spaced values times a scale, found by least squares as in QuantizeSearch, and
// the weighted encoders of the plain 4- and 5-bit blocks.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>Encoders with search of the table formats and of Q4_0 .. Q5_1 under importance.</summary>
internal static unsafe class QuantizeTable
{
    private const int Refits = 3;

    internal static void IQ4_NL(float* x, float* w, byte* block)
    {
        float scale = QuantizeK.AsHalf(Fit(x, w, out _));
        QuantizeSimple.PutHalf(block, scale);
        PutNibbles(x, scale, block + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void IQ4_XS(float* x, float* w, byte* block)
    {
        float* scales = stackalloc float[16];
        float* curvature = stackalloc float[16];
        int* codes = stackalloc int[8];
        int* trial = stackalloc int[8];
        for (int group = 0; group < 8; group++)
        {
            scales[group] = Fit(x + (32 * group), w + (32 * group), out curvature[group]);
            scales[group + 8] = 0;
            curvature[group + 8] = 0;
        }

        float factor = QuantizeK.AsHalf(QuantizeSearch.Symmetric(scales, curvature, 1, 32, out _));
        float inverse = QuantizeSearch.Inverse(factor);
        for (int group = 0; group < 8; group++)
        {
            codes[group] = (int)MathF.Round(Math.Clamp(scales[group] * inverse, -32f, 31f));
        }

        float error = Choose(x, w, factor, codes);
        for (int round = 0; round < Refits; round++)
        {
            float refitted = Refit(x, w, factor, codes);
            Buffer.MemoryCopy(codes, trial, 8 * sizeof(int), 8 * sizeof(int));
            float trialError = Choose(x, w, refitted, trial);
            if (refitted == factor || !(trialError < error))
            {
                break;
            }

            factor = refitted;
            error = trialError;
            Buffer.MemoryCopy(trial, codes, 8 * sizeof(int), 8 * sizeof(int));
        }

        QuantizeSimple.PutHalf(block, factor);
        int high = 0;
        uint low = 0;
        for (int group = 0; group < 8; group++)
        {
            int code = codes[group] + 32;
            low |= (uint)(code & 15) << (4 * group);
            high |= (code >> 4) << (2 * group);
            PutNibbles(x + (32 * group), factor * codes[group], block + 8 + (16 * group));
        }

        Unsafe.WriteUnaligned(block + 2, (ushort)high);
        Unsafe.WriteUnaligned(block + 4, low);
    }

    internal static void Q4_0(float* x, float* w, byte* block)
    {
        byte* codes = stackalloc byte[32];
        float scale = QuantizeK.AsHalf(QuantizeSearch.Symmetric(x, w, 2, 8, out _));
        QuantizeSearch.PutCodes(x, 2, -8, 7, scale, 0, codes);
        QuantizeSimple.PutHalf(block, scale);
        PutPacked(codes, block + 2);
    }

    internal static void Q4_1(float* x, float* w, byte* block)
    {
        byte* codes = stackalloc byte[32];
        float scale = QuantizeK.AsHalf(QuantizeSearch.Affine(x, w, 2, 15, true, out float offset, out _));
        offset = QuantizeK.AsHalf(offset);
        QuantizeSearch.PutCodes(x, 2, 0, 15, scale, offset, codes);
        QuantizeSimple.PutHalf(block, scale);
        QuantizeSimple.PutHalf(block + 2, offset);
        PutPacked(codes, block + 4);
    }

    internal static void Q5_0(float* x, float* w, byte* block)
    {
        byte* codes = stackalloc byte[32];
        float scale = QuantizeK.AsHalf(QuantizeSearch.Symmetric(x, w, 2, 16, out _));
        QuantizeSearch.PutCodes(x, 2, -16, 15, scale, 0, codes);
        QuantizeSimple.PutHalf(block, scale);
        PutFiveBits(codes, block + 2);
    }

    internal static void Q5_1(float* x, float* w, byte* block)
    {
        byte* codes = stackalloc byte[32];
        float scale = QuantizeK.AsHalf(QuantizeSearch.Affine(x, w, 2, 31, true, out float offset, out _));
        offset = QuantizeK.AsHalf(offset);
        QuantizeSearch.PutCodes(x, 2, 0, 31, scale, offset, codes);
        QuantizeSimple.PutHalf(block, scale);
        QuantizeSimple.PutHalf(block + 2, offset);
        PutFiveBits(codes, block + 4);
    }

    /// <summary>Fits x = scale * table value to 32 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fit(float* x, float* w, out float curvature)
    {
        float extreme = QuantizeSearch.Extreme(x, 32);
        curvature = 0;
        if (!(MathF.Abs(extreme) > 1e-30f))
        {
            return 0;
        }

        // The extreme element lies near either end of the table; both signs of the scale are tried.
        float bestScale = 0;
        float best = 0;
        for (int end = 0; end < 2; end++)
        {
            float target = end == 0 ? -127f : 113f;
            for (int step = -7; step <= 7; step++)
            {
                Improve(x, w, (target + step) / extreme, ref bestScale, ref best, ref curvature);
            }
        }

        for (int round = 0; round < 4; round++)
        {
            if (!Improve(x, w, QuantizeSearch.Inverse(bestScale), ref bestScale, ref best, ref curvature))
            {
                break;
            }
        }

        return bestScale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Improve(float* x, float* w, float inverse, ref float scale, ref float best, ref float curvature)
    {
        Sums(x, w, inverse, out float xq, out float qq);
        if (!(qq > 0 && xq * xq > best * qq))
        {
            return false;
        }

        scale = xq / qq;
        best = scale * xq;
        curvature = qq;
        return true;
    }

    private static void Sums(float* x, float* w, float inverse, out float xq, out float qq)
    {
        Vector512<float> sumXq = Vector512<float>.Zero;
        Vector512<float> sumQq = Vector512<float>.Zero;
        for (int j = 0; j < 32; j += 16)
        {
            Vector512<float> v = Vector512.Load(x + j);
            Vector512<float> value = Nearest(v * Vector512.Create(inverse));
            Vector512<float> weighted = value * Vector512.Load(w + j);
            sumXq += weighted * v;
            sumQq += weighted * value;
        }

        xq = QuantizeSearch.Sum(sumXq);
        qq = QuantizeSearch.Sum(sumQq);
    }

    /// <summary>Each lane replaced by the nearest table value; halfway, the larger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Nearest(Vector512<float> v)
    {
        ReadOnlySpan<sbyte> values = BlockScales.Iq4Values;
        Vector512<float> nearest = Vector512.Create((float)values[0]);
        for (int k = 1; k < 16; k++)
        {
            Vector512<float> border = Vector512.Create(0.5f * (values[k - 1] + values[k]));
            Vector512<float> step = Vector512.Create((float)(values[k] - values[k - 1]));
            nearest += Vector512.GreaterThanOrEqual(v, border) & step;
        }

        return nearest;
    }

    private static float Choose(float* x, float* w, float factor, int* codes)
    {
        float sum = 0;
        for (int group = 0; group < 8; group++)
        {
            int start = codes[group];
            float best = float.MaxValue;
            for (int code = Math.Max(start - 1, -32); code <= Math.Min(start + 1, 31); code++)
            {
                float error = Error(x + (32 * group), w + (32 * group), factor * code);
                if (error < best)
                {
                    best = error;
                    codes[group] = code;
                }
            }

            sum += best;
        }

        return sum;
    }

    private static float Error(float* x, float* w, float scale)
    {
        float inverse = QuantizeSearch.Inverse(scale);
        Vector512<float> sum = Vector512<float>.Zero;
        for (int j = 0; j < 32; j += 16)
        {
            Vector512<float> v = Vector512.Load(x + j);
            Vector512<float> error = v - (Nearest(v * Vector512.Create(inverse)) * Vector512.Create(scale));
            sum += error * error * Vector512.Load(w + j);
        }

        return QuantizeSearch.Sum(sum);
    }

    private static float Refit(float* x, float* w, float factor, int* codes)
    {
        double aa = 0;
        double ax = 0;
        for (int group = 0; group < 8; group++)
        {
            float inverse = QuantizeSearch.Inverse(factor * codes[group]);
            Sums(x + (32 * group), w + (32 * group), inverse, out float xq, out float qq);
            aa += (double)codes[group] * codes[group] * qq;
            ax += (double)codes[group] * xq;
        }

        return aa > 0 ? QuantizeK.AsHalf((float)(ax / aa)) : factor;
    }

    private static void PutNibbles(float* x, float scale, byte* dst)
    {
        byte* codes = stackalloc byte[32];
        ReadOnlySpan<sbyte> values = BlockScales.Iq4Values;
        float inverse = QuantizeSearch.Inverse(scale);
        for (int j = 0; j < 32; j++)
        {
            float v = x[j] * inverse;
            int code = 0;
            while (code < 15 && v >= 0.5f * (values[code] + values[code + 1]))
            {
                code++;
            }

            codes[j] = (byte)code;
        }

        PutPacked(codes, dst);
    }

    private static void PutPacked(byte* codes, byte* dst)
    {
        for (int j = 0; j < 16; j++)
        {
            dst[j] = (byte)(codes[j] | (codes[j + 16] << 4));
        }
    }

    private static void PutFiveBits(byte* codes, byte* dst)
    {
        int* wide = stackalloc int[32];
        for (int j = 0; j < 32; j++)
        {
            wide[j] = codes[j];
        }

        QuantizeSimple.PutFiveBits(wide, dst);
    }
}
