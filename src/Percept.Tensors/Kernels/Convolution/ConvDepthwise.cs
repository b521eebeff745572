using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Convolution;

// Inside the namespace, so that these vector types come before those of the namespace around it.
using Percept.Tensors.Kernels.Gemm;

/// <summary>Direct kernels for convolutions of one input channel a group (depthwise).</summary>
/// <remarks>
/// A channel is copied into a volume with its padding, in which every kernel element is a constant offset: then
/// y[q] = bias + Σₜ w[t]·x[q + offset(t)] holds for whole runs of places q that go on over the ends of rows, without a
/// special case at any edge; what lies between the wanted places is computed and dropped. Runs are computed in blocks
/// of eight vectors that stay in registers over all taps and may write one block too much, for which there is room.
/// Gradients use the same volume: dx[q + offset(t)] += w[t]·dy[q] and dw[t] = Σ_q dy[q]·x[q + offset(t)], with the
/// output's gradient spread to the places of a run. An item is one channel (of one picture, but for the weight).
/// </remarks>
internal static unsafe class ConvDepthwise
{
    /// <summary>Floats that a run may write or read behind its end.</summary>
    private const int Slack = 128;

    /// <summary>Computes the output; overwritten.</summary>
    internal static void Forward(in ConvGeometry g, float* input, float* weight, float* bias, float* output)
    {
        ForwardJob job = new(new Volume(g), input, weight, bias, output);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.Groups));
    }

    /// <summary>Adds the output's gradient to the input's.</summary>
    internal static void BackwardInput(in ConvGeometry g, float* output, float* weight, float* input)
    {
        InputJob job = new(new Volume(g), output, weight, input);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.Groups));
    }

    /// <summary>Computes the weight's gradient; overwritten.</summary>
    internal static void BackwardWeight(in ConvGeometry g, float* input, float* output, float* weight)
    {
        WeightJob job = new(new Volume(g), input, output, weight);
        WorkerPool.Shared.Run(ref job, g.Groups);
    }

    /// <summary>
    /// y[q] = start + Σₜ weight[t]·x[q + offsets[t]] for q below count; up to <see cref="Slack"/> more are written.
    /// </summary>
    private static void Run(float* x, float* weight, int* offsets, int taps, float start, long count, float* y)
    {
        if (Avx512F.IsSupported)
        {
            Run<Gemm.Simd512>(x, weight, offsets, taps, start, count, y);
        }
        else if (GemmMicro.Use256)
        {
            Run<Gemm.Simd256>(x, weight, offsets, taps, start, count, y);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<Gemm.Simd128>(x, weight, offsets, taps, start, count, y);
        }
        else
        {
            RunScalar(x, weight, offsets, taps, start, count, y);
        }
    }

    private static void RunScalar(float* x, float* weight, int* offsets, int taps, float start, long count, float* y)
    {
        for (long q = 0; q < count; q++)
        {
            float sum = start;
            for (int t = 0; t < taps; t++)
            {
                sum += weight[t] * x[q + offsets[t]];
            }

            y[q] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TV>(float* x, float* weight, int* offsets, int taps, float start, long count, float* y)
        where TV : struct, ISimdFloat<TV>
    {
        int width = TV.Count;
        long q = 0;
        for (; q + (4 * width) < count; q += 8 * width)
        {
            TV s0 = TV.Create(start), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            for (int t = 0; t < taps; t++)
            {
                TV factor = TV.Broadcast(weight + t);
                float* f = x + q + offsets[t];
                s0 = TV.MultiplyAdd(factor, TV.Load(f), s0);
                s1 = TV.MultiplyAdd(factor, TV.Load(f + width), s1);
                s2 = TV.MultiplyAdd(factor, TV.Load(f + (2 * width)), s2);
                s3 = TV.MultiplyAdd(factor, TV.Load(f + (3 * width)), s3);
                s4 = TV.MultiplyAdd(factor, TV.Load(f + (4 * width)), s4);
                s5 = TV.MultiplyAdd(factor, TV.Load(f + (5 * width)), s5);
                s6 = TV.MultiplyAdd(factor, TV.Load(f + (6 * width)), s6);
                s7 = TV.MultiplyAdd(factor, TV.Load(f + (7 * width)), s7);
            }

            float* to = y + q;
            TV.Store(s0, to);
            TV.Store(s1, to + width);
            TV.Store(s2, to + (2 * width));
            TV.Store(s3, to + (3 * width));
            TV.Store(s4, to + (4 * width));
            TV.Store(s5, to + (5 * width));
            TV.Store(s6, to + (6 * width));
            TV.Store(s7, to + (7 * width));
        }

        for (; q < count; q += 2 * width)
        {
            TV s0 = TV.Create(start), s1 = s0;
            for (int t = 0; t < taps; t++)
            {
                TV factor = TV.Broadcast(weight + t);
                float* f = x + q + offsets[t];
                s0 = TV.MultiplyAdd(factor, TV.Load(f), s0);
                s1 = TV.MultiplyAdd(factor, TV.Load(f + width), s1);
            }

            TV.Store(s0, y + q);
            TV.Store(s1, y + q + width);
        }
    }

    /// <summary>The padded volume of a channel, and where output places lie in it.</summary>
    private readonly struct Volume
    {
        internal readonly ConvGeometry G;
        internal readonly int Height;
        internal readonly int Width;

        internal Volume(in ConvGeometry g)
        {
            G = g;
            Height = ((g.OutH - 1) * g.SH) + ((g.KH - 1) * g.DH) + 1;
            Width = ((g.OutW - 1) * g.SW) + ((g.KW - 1) * g.DW) + 1;
            long depth = ((g.OutD - 1L) * g.SD) + ((g.KD - 1L) * g.DD) + 1;
            Size = checked((int)(depth * Height * Width));
            Span = checked((int)(Place(g.OutD - 1, g.OutH - 1) + ((g.OutW - 1L) * g.SW) + 1));
        }

        /// <summary>Elements of the volume.</summary>
        internal int Size { get; }

        /// <summary>From the first output place to behind the last.</summary>
        internal int Span { get; }

        /// <summary>Where an output row begins.</summary>
        internal long Place(int z, int y) => ((((long)z * G.SD) * Height) + ((long)y * G.SH)) * Width;

        internal void FillOffsets(int* offsets)
        {
            for (int t = 0; t < G.Taps; t++)
            {
                int kw = t % G.KW, kh = t / G.KW % G.KH, kd = t / G.KW / G.KH;
                offsets[t] = (((kd * G.DD * Height) + (kh * G.DH)) * Width) + (kw * G.DW);
            }
        }

        /// <summary>Copies a channel into the volume; zeros around it and behind the end.</summary>
        internal void Load(float* channel, float* volume)
        {
            NativeMemory.Clear(volume, (nuint)(Size + Slack) * sizeof(float));
            for (int z = Math.Max(0, G.PD); z < Math.Min(Size / Height / Width, G.InD + G.PD); z++)
            {
                for (int y = Math.Max(0, G.PH); y < Math.Min(Height, G.InH + G.PH); y++)
                {
                    Row(z, y, out long from, out long to, out int count);
                    Buffer.MemoryCopy(channel + from, volume + to, count * 4L, count * 4L);
                }
            }
        }

        /// <summary>Adds the volume's inside to a channel.</summary>
        internal void AddTo(float* volume, float* channel)
        {
            for (int z = Math.Max(0, G.PD); z < Math.Min(Size / Height / Width, G.InD + G.PD); z++)
            {
                for (int y = Math.Max(0, G.PH); y < Math.Min(Height, G.InH + G.PH); y++)
                {
                    Row(z, y, out long from, out long to, out int count);
                    Span<float> sum = new(channel + from, count);
                    TensorPrimitives.Add(sum, new ReadOnlySpan<float>(volume + to, count), sum);
                }
            }
        }

        /// <summary>Spreads an output channel to its places; zeros between them.</summary>
        internal void Spread(float* output, float* places)
        {
            NativeMemory.Clear(places, (nuint)Span * sizeof(float));
            for (int z = 0; z < G.OutD; z++)
            {
                for (int y = 0; y < G.OutH; y++, output += G.OutW)
                {
                    float* to = places + Place(z, y);
                    for (int x = 0; x < G.OutW; x++)
                    {
                        to[(long)x * G.SW] = output[x];
                    }
                }
            }
        }

        /// <summary>The part of a volume's row that lies in the channel.</summary>
        private void Row(int z, int y, out long from, out long to, out int count)
        {
            int first = Math.Max(0, G.PW), end = Math.Min(Width, G.InW + G.PW);
            count = Math.Max(0, end - first);
            from = ((((long)(z - G.PD) * G.InH) + y - G.PH) * G.InW) + first - G.PW;
            to = ((((long)z * Height) + y) * Width) + first;
        }
    }

    private readonly struct ForwardJob(Volume v, float* input, float* weight, float* bias, float* output) : IParallelJob
    {
        public void Run(int index)
        {
            ConvGeometry g = v.G;
            using ThreadScratch.Lease scratch =
                ThreadScratch.Rent(sizeof(float) * ((long)v.Size + v.Span + (2 * Slack) + g.Taps));
            float* x = (float*)scratch.Pointer;
            float* places = x + v.Size + Slack;
            int* offsets = (int*)(places + v.Span + Slack);
            v.FillOffsets(offsets);
            v.Load(input + (index * g.InPlane), x);
            for (int o = 0; o < g.OutChannels; o++)
            {
                int channel = ((index % g.Groups) * g.OutChannels) + o;
                float* w = weight + ((long)channel * g.Taps);
                float* y = output + ((((long)index * g.OutChannels) + o) * g.OutPlane);
                Channel(x, w, offsets, bias is null ? 0 : bias[channel], places, y);
            }
        }

        private void Channel(float* x, float* w, int* offsets, float start, float* places, float* y)
        {
            ConvGeometry g = v.G;
            bool whole = g.SH == 1 && g.SD == 1;
            int row = ((g.OutW - 1) * g.SW) + 1;
            if (whole)
            {
                ConvDepthwise.Run(x, w, offsets, g.Taps, start, v.Span, places);
            }

            for (int z = 0; z < g.OutD; z++)
            {
                for (int r = 0; r < g.OutH; r++, y += g.OutW)
                {
                    long place = v.Place(z, r);
                    if (!whole)
                    {
                        ConvDepthwise.Run(x + place, w, offsets, g.Taps, start, row, places + place);
                    }

                    float* from = places + place;
                    if (g.SW == 1)
                    {
                        Buffer.MemoryCopy(from, y, g.OutW * 4L, g.OutW * 4L);
                    }
                    else
                    {
                        for (int c = 0; c < g.OutW; c++)
                        {
                            y[c] = from[(long)c * g.SW];
                        }
                    }
                }
            }
        }
    }

    private readonly struct InputJob(Volume v, float* output, float* weight, float* input) : IParallelJob
    {
        public void Run(int index)
        {
            ConvGeometry g = v.G;
            using ThreadScratch.Lease scratch =
                ThreadScratch.Rent(sizeof(float) * ((long)v.Size + v.Span + (2 * Slack) + g.Taps));
            float* x = (float*)scratch.Pointer;
            float* places = x + v.Size + Slack;
            int* offsets = (int*)(places + v.Span + Slack);
            v.FillOffsets(offsets);
            NativeMemory.Clear(x, (nuint)v.Size * sizeof(float));
            for (int o = 0; o < g.OutChannels; o++)
            {
                v.Spread(output + ((((long)index * g.OutChannels) + o) * g.OutPlane), places);
                float* w = weight + ((((long)(index % g.Groups) * g.OutChannels) + o) * g.Taps);
                for (int t = 0; t < g.Taps; t++)
                {
                    Span<float> sum = new(x + offsets[t], v.Span);
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(places, v.Span), w[t], sum, sum);
                }
            }

            v.AddTo(x, input + (index * g.InPlane));
        }
    }

    private readonly struct WeightJob(Volume v, float* input, float* output, float* weight) : IParallelJob
    {
        public void Run(int index)
        {
            ConvGeometry g = v.G;
            int count = g.OutChannels * g.Taps;
            using ThreadScratch.Lease scratch =
                ThreadScratch.Rent(sizeof(float) * ((long)v.Size + v.Span + (2 * Slack) + g.Taps) + (sizeof(double) * (count + 1L)));
            double* sums = (double*)scratch.Pointer;
            float* x = (float*)(sums + count + 1);
            float* places = x + v.Size + Slack;
            int* offsets = (int*)(places + v.Span + Slack);
            v.FillOffsets(offsets);
            new Span<double>(sums, count).Clear();
            for (int n = 0; n < g.Batch; n++)
            {
                long group = ((long)n * g.Groups) + index;
                v.Load(input + (group * g.InPlane), x);
                for (int o = 0; o < g.OutChannels; o++)
                {
                    v.Spread(output + (((group * g.OutChannels) + o) * g.OutPlane), places);
                    for (int t = 0; t < g.Taps; t++)
                    {
                        sums[(o * g.Taps) + t] += Dot(places, x + offsets[t], v.Span);
                    }
                }
            }

            for (int i = 0; i < count; i++)
            {
                weight[((long)index * count) + i] = (float)sums[i];
            }
        }

        private static double Dot(float* a, float* b, int count)
        {
            double sum = 0;
            for (int i = 0; i < count; i += 4096)
            {
                int part = Math.Min(4096, count - i);
                sum += TensorPrimitives.Dot(new ReadOnlySpan<float>(a + i, part), new ReadOnlySpan<float>(b + i, part));
            }

            return sum;
        }
    }
}
