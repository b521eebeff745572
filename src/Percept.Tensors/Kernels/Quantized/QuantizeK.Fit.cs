// The block fits behind QuantizeK: integers and common factors of 8 or 16 groups.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

internal static unsafe partial class QuantizeK
{
    /// <summary>Fits x = (factor * scale) * code - (minFactor * min) to a block.</summary>
    /// <param name="x">256 elements.</param>
    /// <param name="w">Their weights.</param>
    /// <param name="groups">8 or 16.</param>
    /// <param name="top">The largest code.</param>
    /// <param name="topScale">The largest scale and minimum.</param>
    /// <param name="fit">The result.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FitGrouped(float* x, float* w, int groups, int top, int topScale, ref Grouped fit)
    {
        float* scales = stackalloc float[16];
        float* mins = stackalloc float[16];
        float* curvature = stackalloc float[16];
        float* mass = stackalloc float[16];
        fit.Groups = groups;
        fit.Top = top;
        fit.TopScale = topScale;
        int size = 256 / groups;
        for (int group = 0; group < groups; group++)
        {
            scales[group] = QuantizeSearch.Affine(
                x + (size * group), w + (size * group), size / 16, top, false, out mins[group], out curvature[group]);
            mins[group] = -mins[group];
            mass[group] = 0;
            for (int j = 0; j < size; j++)
            {
                mass[group] += w[(size * group) + j];
            }
        }

        fit.Factor = AsHalf(QuantizeSearch.Factor(scales, curvature, groups, topScale));
        fit.MinFactor = AsHalf(QuantizeSearch.Factor(mins, mass, groups, topScale));
        float inverse = QuantizeSearch.Inverse(fit.Factor);
        float minInverse = QuantizeSearch.Inverse(fit.MinFactor);
        for (int group = 0; group < groups; group++)
        {
            fit.Scales[group] = (int)MathF.Round(Math.Clamp(scales[group] * inverse, 0f, topScale));
            fit.Mins[group] = (int)MathF.Round(Math.Clamp(mins[group] * minInverse, 0f, topScale));
        }

        float error = fit.Choose(x, w);
        for (int round = 0; round < Refits; round++)
        {
            Grouped trial = fit;
            if (!trial.Refit(x, w))
            {
                break;
            }

            float trialError = trial.Choose(x, w);
            if (!(trialError < error))
            {
                break;
            }

            fit = trial;
            error = trialError;
        }
    }

    /// <summary>Fits x = (factor * scale) * code to 16 groups of 16, code in -bound .. bound - 1, likewise the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FitSigned(float* x, float* w, int bound, int scaleBound, ref Signed fit)
    {
        float* scales = stackalloc float[16];
        float* curvature = stackalloc float[16];
        fit.Bound = bound;
        fit.ScaleBound = scaleBound;
        for (int group = 0; group < 16; group++)
        {
            scales[group] = QuantizeSearch.Symmetric(x + (16 * group), w + (16 * group), 1, bound, out curvature[group]);
        }

        fit.Factor = AsHalf(QuantizeSearch.Symmetric(scales, curvature, 1, scaleBound, out _));
        float inverse = QuantizeSearch.Inverse(fit.Factor);
        for (int group = 0; group < 16; group++)
        {
            fit.Scales[group] = (int)MathF.Round(Math.Clamp(scales[group] * inverse, -scaleBound, scaleBound - 1));
        }

        float error = fit.Choose(x, w);
        for (int round = 0; round < Refits; round++)
        {
            Signed trial = fit;
            if (!trial.Refit(x, w))
            {
                break;
            }

            float trialError = trial.Choose(x, w);
            if (!(trialError < error))
            {
                break;
            }

            fit = trial;
            error = trialError;
        }
    }

    /// <summary>Factors and integers of a block with minimums.</summary>
    private struct Grouped
    {
        internal int Groups;
        internal int Top;
        internal int TopScale;
        internal float Factor;
        internal float MinFactor;
        internal fixed int Scales[16];
        internal fixed int Mins[16];

        private readonly int Size => 256 / Groups;

        internal void PutCodes(float* x, byte* codes)
        {
            for (int group = 0; group < Groups; group++)
            {
                QuantizeSearch.PutCodes(
                    x + (Size * group), Size / 16, 0, Top, Factor * Scales[group], -(MinFactor * Mins[group]),
                    codes + (Size * group));
            }
        }

        /// <summary>Moves each group's integers to the best of their neighbours until none is better; the error.</summary>
        internal float Choose(float* x, float* w)
        {
            float sum = 0;
            for (int group = 0; group < Groups; group++)
            {
                sum += ChooseGroup(x + (Size * group), w + (Size * group), group);
            }

            return sum;
        }

        /// <summary>Fits both factors to the codes of the whole block; false when nothing changes.</summary>
        internal bool Refit(float* x, float* w)
        {
            // Normal equations of x = Factor * (scale * code) - MinFactor * min.
            double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
            for (int group = 0; group < Groups; group++)
            {
                float* xs = x + (Size * group);
                float* ws = w + (Size * group);
                float offset = -(MinFactor * Mins[group]);
                float inverse = QuantizeSearch.Inverse(Factor * Scales[group]);
                Vector512<float> sumQ = default, sumQq = default, sumXq = default, sumX = default, sumW = default;
                for (int j = 0; j < Size; j += 16)
                {
                    Vector512<float> v = Vector512.Load(xs + j);
                    Vector512<float> weight = Vector512.Load(ws + j);
                    Vector512<float> code = QuantizeSearch.Codes((v - Vector512.Create(offset)) * inverse, 0, Top);
                    sumQ += weight * code;
                    sumQq += weight * code * code;
                    sumXq += weight * code * v;
                    sumX += weight * v;
                    sumW += weight;
                }

                double scale = Scales[group];
                double min = -Mins[group];
                aa += scale * scale * QuantizeSearch.Sum(sumQq);
                ab += scale * min * QuantizeSearch.Sum(sumQ);
                bb += min * min * QuantizeSearch.Sum(sumW);
                ax += scale * QuantizeSearch.Sum(sumXq);
                bx += min * QuantizeSearch.Sum(sumX);
            }

            double determinant = (aa * bb) - (ab * ab);
            double factor = determinant > 1e-9 * aa * bb ? ((ax * bb) - (bx * ab)) / determinant : aa > 0 ? ax / aa : 0;
            double minFactor = determinant > 1e-9 * aa * bb ? ((bx * aa) - (ax * ab)) / determinant : MinFactor;
            float before = Factor;
            float minBefore = MinFactor;
            Factor = factor > 0 ? AsHalf((float)factor) : before;
            MinFactor = minFactor > 0 ? AsHalf((float)minFactor) : minBefore;
            return Factor != before || MinFactor != minBefore;
        }

        private float ChooseGroup(float* x, float* w, int group)
        {
            int scale = Scales[group];
            int min = Mins[group];
            float best = Error(x, w, scale, min);
            for (int round = 0; round < 4; round++)
            {
                int fromScale = scale;
                int fromMin = min;
                for (int move = 0; move < 9; move++)
                {
                    int trialScale = fromScale + (move / 3) - 1;
                    int trialMin = fromMin + (move % 3) - 1;
                    if (move == 4 || (uint)trialScale > (uint)TopScale || (uint)trialMin > (uint)TopScale)
                    {
                        continue;
                    }

                    float error = Error(x, w, trialScale, trialMin);
                    if (error < best)
                    {
                        best = error;
                        scale = trialScale;
                        min = trialMin;
                    }
                }

                if (scale == fromScale && min == fromMin)
                {
                    break;
                }
            }

            Scales[group] = scale;
            Mins[group] = min;
            return best;
        }

        private readonly float Error(float* x, float* w, int scale, int min) => QuantizeSearch.AffineError(
            x, w, Size / 16, Top, Factor * scale, -(MinFactor * min));
    }

    /// <summary>Factor and integers of a block without minimums.</summary>
    private struct Signed
    {
        internal int Bound;
        internal int ScaleBound;
        internal float Factor;
        internal fixed int Scales[16];

        internal void PutCodes(float* x, byte* codes)
        {
            for (int group = 0; group < 16; group++)
            {
                QuantizeSearch.PutCodes(
                    x + (16 * group), 1, -Bound, Bound - 1, Factor * Scales[group], 0, codes + (16 * group));
            }
        }

        /// <summary>Moves each group's scale to the best of its neighbours; the block's error.</summary>
        internal float Choose(float* x, float* w)
        {
            float sum = 0;
            for (int group = 0; group < 16; group++)
            {
                float* xs = x + (16 * group);
                float* ws = w + (16 * group);
                int start = Scales[group];
                float best = QuantizeSearch.SymmetricError(xs, ws, 1, Bound, Factor * start);
                for (int scale = Math.Max(start - 2, -ScaleBound); scale <= Math.Min(start + 2, ScaleBound - 1); scale++)
                {
                    float error = QuantizeSearch.SymmetricError(xs, ws, 1, Bound, Factor * scale);
                    if (error < best)
                    {
                        best = error;
                        Scales[group] = scale;
                    }
                }

                sum += best;
            }

            return sum;
        }

        /// <summary>Fits the factor to the codes of the whole block; false when nothing changes.</summary>
        internal bool Refit(float* x, float* w)
        {
            double aa = 0, ax = 0;
            for (int group = 0; group < 16; group++)
            {
                Vector512<float> v = Vector512.Load(x + (16 * group));
                float inverse = QuantizeSearch.Inverse(Factor * Scales[group]);
                Vector512<float> code = QuantizeSearch.Codes(v * inverse, -Bound, Bound - 1);
                Vector512<float> weighted = code * Vector512.Load(w + (16 * group));
                aa += (double)Scales[group] * Scales[group] * QuantizeSearch.Sum(weighted * code);
                ax += Scales[group] * (double)QuantizeSearch.Sum(weighted * v);
            }

            float before = Factor;
            Factor = aa > 0 ? AsHalf((float)(ax / aa)) : before;
            return Factor != before;
        }
    }
}
