using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Convolution;

// Inside the namespace, so that these vector types come before those of the namespace around it.
using Percept.Tensors.Kernels.Gemm;

/// <summary>Direct kernels for convolutions of one input channel a group (depthwise).</summary>
/// <remarks>
/// Forward: y[p] = bias + Σₜ w[t]·x[place(t, p)], an item is one output channel of one picture, row by row. With single
/// steps the stretch of a row where every kernel column lies inside is computed in blocks of four vectors that stay in
/// registers over all taps; its ends and larger steps are single elements in the same order of taps. Gradients add
/// scaled rows (input) and take dot products of rows (weight, summed in double); an item is one channel.
/// </remarks>
internal static unsafe class ConvDepthwise
{
    /// <summary>Computes the output; overwritten.</summary>
    internal static void Forward(in ConvGeometry g, float* input, float* weight, float* bias, float* output)
    {
        ForwardJob job = new(g, input, weight, bias, output);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.Groups * g.OutChannels));
    }

    /// <summary>Adds the output's gradient to the input's.</summary>
    internal static void BackwardInput(in ConvGeometry g, float* output, float* weight, float* input)
    {
        InputJob job = new(g, output, weight, input);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.Groups));
    }

    /// <summary>Computes the weight's gradient; overwritten.</summary>
    internal static void BackwardWeight(in ConvGeometry g, float* input, float* output, float* weight)
    {
        WeightJob job = new(g, input, output, weight);
        WorkerPool.Shared.Run(ref job, g.Groups * g.OutChannels);
    }

    private readonly struct ForwardJob(ConvGeometry g, float* input, float* weight, float* bias, float* output) : IParallelJob
    {
        public void Run(int index)
        {
            int channel = index % (g.Groups * g.OutChannels);
            float* x = input + (index / g.OutChannels * g.InPlane);
            float* w = weight + ((long)channel * g.Taps);
            float* y = output + (index * g.OutPlane);
            float start = bias is null ? 0 : bias[channel];
            int first = g.OutW, end = g.OutW;
            if (g.SW == 1)
            {
                first = Math.Clamp(g.PW, 0, g.OutW);
                end = (int)Math.Clamp(g.InW + (long)g.PW - ((long)(g.KW - 1) * g.DW), first, g.OutW);
            }

            for (int z = 0; z < g.OutD; z++)
            {
                for (int r = 0; r < g.OutH; r++, y += g.OutW)
                {
                    Ends(x, w, start, z, r, 0, first, y);
                    Middle(x, w, start, z, r, first, end, y);
                    Ends(x, w, start, z, r, end, g.OutW, y);
                }
            }
        }

        private void Middle(float* x, float* w, float start, int z, int r, int first, int end, float* y)
        {
            int done = first;
            if (Avx512F.IsSupported)
            {
                done = Vectors<Gemm.Simd512>(g, x, w, start, z, r, done, end, y);
            }

            if (GemmMicro.Use256)
            {
                done = Vectors<Gemm.Simd256>(g, x, w, start, z, r, done, end, y);
            }
            else if (Vector128.IsHardwareAccelerated)
            {
                done = Vectors<Gemm.Simd128>(g, x, w, start, z, r, done, end, y);
            }

            Ends(x, w, start, z, r, done, end, y);
        }

        private void Ends(float* x, float* w, float start, int z, int r, int first, int end, float* y)
        {
            int z0 = (z * g.SD) - g.PD, y0 = (r * g.SH) - g.PH;
            for (int p = first; p < end; p++)
            {
                int x0 = (p * g.SW) - g.PW;
                float sum = start;
                for (int kd = 0; kd < g.KD; kd++)
                {
                    int iz = z0 + (kd * g.DD);
                    for (int kh = 0; kh < g.KH && (uint)iz < (uint)g.InD; kh++)
                    {
                        int iy = y0 + (kh * g.DH);
                        if ((uint)iy >= (uint)g.InH)
                        {
                            continue;
                        }

                        float* line = x + ((((long)iz * g.InH) + iy) * g.InW);
                        float* k = w + (((kd * g.KH) + kh) * g.KW);
                        for (int kw = 0, ix = x0; kw < g.KW; kw++, ix += g.DW)
                        {
                            if ((uint)ix < (uint)g.InW)
                            {
                                sum += k[kw] * line[ix];
                            }
                        }
                    }
                }

                y[p] = sum;
            }
        }
    }

    /// <summary>Columns [first, end) of a row in whole vectors; returns the first column left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Vectors<TV>(
        in ConvGeometry g, float* x, float* w, float start, int z, int r, int first, int end, float* y)
        where TV : struct, ISimdFloat<TV>
    {
        int z0 = (z * g.SD) - g.PD, y0 = (r * g.SH) - g.PH;
        int width = TV.Count;
        int p = first;
        while (p + width <= end)
        {
            // One block of four vectors, or single vectors at the end of the row.
            bool four = p + (4 * width) <= end;
            TV s0 = TV.Create(start), s1 = s0, s2 = s0, s3 = s0;
            for (int kd = 0; kd < g.KD; kd++)
            {
                int iz = z0 + (kd * g.DD);
                if ((uint)iz >= (uint)g.InD)
                {
                    continue;
                }

                for (int kh = 0; kh < g.KH; kh++)
                {
                    int iy = y0 + (kh * g.DH);
                    if ((uint)iy >= (uint)g.InH)
                    {
                        continue;
                    }

                    float* line = x + ((((long)iz * g.InH) + iy) * g.InW) + p - g.PW;
                    float* k = w + (((kd * g.KH) + kh) * g.KW);
                    float* stop = k + g.KW;
                    if (four)
                    {
                        for (; k < stop; k++, line += g.DW)
                        {
                            TV factor = TV.Broadcast(k);
                            s0 = TV.MultiplyAdd(factor, TV.Load(line), s0);
                            s1 = TV.MultiplyAdd(factor, TV.Load(line + width), s1);
                            s2 = TV.MultiplyAdd(factor, TV.Load(line + (2 * width)), s2);
                            s3 = TV.MultiplyAdd(factor, TV.Load(line + (3 * width)), s3);
                        }
                    }
                    else
                    {
                        for (; k < stop; k++, line += g.DW)
                        {
                            s0 = TV.MultiplyAdd(TV.Broadcast(k), TV.Load(line), s0);
                        }
                    }
                }
            }

            TV.Store(s0, y + p);
            if (four)
            {
                TV.Store(s1, y + p + width);
                TV.Store(s2, y + p + (2 * width));
                TV.Store(s3, y + p + (3 * width));
                p += 3 * width;
            }

            p += width;
        }

        return p;
    }

    private readonly struct InputJob(ConvGeometry g, float* output, float* weight, float* input) : IParallelJob
    {
        public void Run(int index)
        {
            float* x = input + (index * g.InPlane);
            for (int o = 0; o < g.OutChannels; o++)
            {
                float* dy = output + ((((long)index * g.OutChannels) + o) * g.OutPlane);
                float* w = weight + ((((long)(index % g.Groups) * g.OutChannels) + o) * g.Taps);
                for (int t = 0; t < g.Taps; t++)
                {
                    Spread(x, dy, w[t], t);
                }
            }
        }

        private void Spread(float* x, float* dy, float factor, int tap)
        {
            int kw = tap % g.KW, kh = tap / g.KW % g.KH, kd = tap / g.KW / g.KH;
            int x0 = (kw * g.DW) - g.PW;
            ConvPack.Inside(x0, g.SW, g.InW, g.OutW, out int first, out int end);
            for (long r = 0; r < (long)g.OutD * g.OutH; r++, dy += g.OutW)
            {
                int iz = ((int)(r / g.OutH) * g.SD) - g.PD + (kd * g.DD), iy = ((int)(r % g.OutH) * g.SH) - g.PH + (kh * g.DH);
                if ((uint)iz < (uint)g.InD && (uint)iy < (uint)g.InH)
                {
                    float* line = x + ((((long)iz * g.InH) + iy) * g.InW) + x0;
                    for (int p = first; p < end; p++)
                    {
                        line[(long)p * g.SW] += factor * dy[p];
                    }
                }
            }
        }
    }

    private readonly struct WeightJob(ConvGeometry g, float* input, float* output, float* weight) : IParallelJob
    {
        public void Run(int index)
        {
            for (int t = 0; t < g.Taps; t++)
            {
                double sum = 0;
                for (int n = 0; n < g.Batch; n++)
                {
                    long group = ((long)n * g.Groups) + (index / g.OutChannels);
                    long channel = ((long)n * g.Groups * g.OutChannels) + index;
                    sum += Products(input + (group * g.InPlane), output + (channel * g.OutPlane), t);
                }

                weight[((long)index * g.Taps) + t] = (float)sum;
            }
        }

        private double Products(float* x, float* dy, int tap)
        {
            int kw = tap % g.KW, kh = tap / g.KW % g.KH, kd = tap / g.KW / g.KH;
            int x0 = (kw * g.DW) - g.PW;
            ConvPack.Inside(x0, g.SW, g.InW, g.OutW, out int first, out int end);
            double sum = 0;
            for (long r = 0; r < (long)g.OutD * g.OutH; r++, dy += g.OutW)
            {
                int iz = ((int)(r / g.OutH) * g.SD) - g.PD + (kd * g.DD), iy = ((int)(r % g.OutH) * g.SH) - g.PH + (kh * g.DH);
                if ((uint)iz >= (uint)g.InD || (uint)iy >= (uint)g.InH)
                {
                    continue;
                }

                float* line = x + ((((long)iz * g.InH) + iy) * g.InW) + x0;
                if (g.SW == 1)
                {
                    int count = end - first;
                    sum += TensorPrimitives.Dot(new ReadOnlySpan<float>(line + first, count), new ReadOnlySpan<float>(dy + first, count));
                }
                else
                {
                    for (int p = first; p < end; p++)
                    {
                        sum += line[(long)p * g.SW] * dy[p];
                    }
                }
            }

            return sum;
        }
    }
}
