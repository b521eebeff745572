using System.Numerics.Tensors;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Convolution;

/// <summary>The gradients of a convolution's weight, Σₚ output[o, p]·window[k, p], and bias, Σₚ output[o, p].</summary>
/// <remarks>
/// The product is computed as its transpose [k, o], so that windows go into A panels by plain copies: for each slab of
/// positions (of all pictures in a row) the output's gradient is packed into B panels for all, then an item is one A
/// panel of kernel elements, which it packs and multiplies with all output channels. Slabs follow each other, so each
/// sum has one order whatever the number of threads. At last the result is transposed. Nothing may overlap.
/// </remarks>
internal static unsafe class ConvBackwardWeight
{
    private const int Slab = 1024;

    /// <summary>Computes the weight's gradient.</summary>
    /// <param name="geometry">The sizes of the convolution.</param>
    /// <param name="input">The input.</param>
    /// <param name="output">The output's gradient.</param>
    /// <param name="weight">Takes the result; overwritten.</param>
    internal static void Run(in ConvGeometry geometry, float* input, float* output, float* weight)
    {
        ConvGeometry g = geometry.Simplified();
        long count = (long)g.Groups * g.OutChannels * g.Depth;
        long positions = g.Batch * g.OutPlane;
        if (count == 0 || positions == 0)
        {
            VectorKernels.Fill(weight, 0f, count);
            return;
        }

        if (g.Depthwise)
        {
            ConvDepthwise.BackwardWeight(g, input, output, weight);
            return;
        }

        int slab = (int)Math.Min(Slab, (positions + GemmMicro.Chunk - 1) / GemmMicro.Chunk * GemmMicro.Chunk);
        int panels = (g.OutChannels + GemmMicro.Nr - 1) / GemmMicro.Nr;
        using ThreadScratch.Lease scratch = ThreadScratch.Rent(
            sizeof(float) * ((g.Groups * panels * GemmMicro.PanelB(slab)) + count));
        float* packed = (float*)scratch.Pointer;
        float* sums = packed + (g.Groups * panels * GemmMicro.PanelB(slab));
        for (long p = 0; p < positions; p += slab)
        {
            int length = (int)Math.Min(slab, positions - p);
            PackJob pack = new(g, output, packed, slab, panels, p, length);
            WorkerPool.Shared.Run(ref pack, g.Groups * panels);
            ProductJob product = new(g, input, packed, sums, slab, panels, p, length);
            WorkerPool.Shared.Run(ref product, product.Items);
        }

        StridedAxes axes = default;
        axes.Add(g.Groups, (long)g.OutChannels * g.Depth, (long)g.OutChannels * g.Depth);
        axes.Add(g.OutChannels, 1, g.Depth);
        axes.Add(g.Depth, g.OutChannels, 1);
        StridedKernels.Copy(sums, weight, axes);
    }

    /// <summary>The scalar twin of <see cref="Run"/>.</summary>
    internal static void RunScalar(in ConvGeometry g, float* input, float* output, float* weight)
    {
        new Span<float>(weight, g.Groups * g.OutChannels * g.Depth).Clear();
        for (long o = 0; o < (long)g.Batch * g.Groups * g.OutChannels * g.OutPlane; o++)
        {
            long plane = o / g.OutPlane;
            int channel = (int)(plane % (g.Groups * g.OutChannels));
            int ow = (int)(o % g.OutW), oh = (int)(o / g.OutW % g.OutH), od = (int)(o / g.OutW / g.OutH % g.OutD);
            long first = ((plane / (g.Groups * g.OutChannels) * g.Groups) + (channel / g.OutChannels)) * g.InChannels;
            for (int k = 0; k < g.Depth; k++)
            {
                int kw = k % g.KW, kh = k / g.KW % g.KH, kd = k / g.KW / g.KH % g.KD;
                int z = (od * g.SD) - g.PD + (kd * g.DD), y = (oh * g.SH) - g.PH + (kh * g.DH), x = (ow * g.SW) - g.PW + (kw * g.DW);
                if ((uint)z < (uint)g.InD && (uint)y < (uint)g.InH && (uint)x < (uint)g.InW)
                {
                    long line = ((((first + (k / g.Taps)) * g.InD) + z) * g.InH) + y;
                    weight[((long)channel * g.Depth) + k] += input[(line * g.InW) + x] * output[o];
                }
            }
        }
    }

    /// <summary>bias[c] = Σ over pictures and positions of values[n, c, p], summed in double.</summary>
    /// <param name="batch">Pictures.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="plane">Positions.</param>
    /// <param name="values">[batch, channels, plane].</param>
    /// <param name="bias">[channels].</param>
    internal static void SumChannels(int batch, int channels, long plane, float* values, float* bias)
    {
        SumJob job = new(batch, channels, plane, values, bias);
        WorkerPool.Shared.Run(ref job, channels);
    }

    /// <summary>Packs output[n, o, p] of a slab into B panels [position, channel]; an item is one panel.</summary>
    private readonly struct PackJob(
        ConvGeometry g, float* output, float* packed, int slab, int panels, long position, int length) : IParallelJob
    {
        public void Run(int index)
        {
            int nr = GemmMicro.Nr;
            int group = index / panels, channel = index % panels * nr;
            int channels = Math.Min(nr, g.OutChannels - channel);
            float* to = packed + (index * GemmMicro.PanelB(slab));
            if (channels < nr)
            {
                new Span<float>(to, length * nr).Clear();
            }

            long p = position;
            for (int done = 0; done < length;)
            {
                long picture = p / g.OutPlane, at = p % g.OutPlane;
                int run = (int)Math.Min(length - done, g.OutPlane - at);
                float* from = output + ((((picture * g.Groups) + group) * g.OutChannels) + channel) * g.OutPlane + at;
                GemmTranspose.Block(from, g.OutPlane, channels, run, to + ((long)done * nr), nr);
                done += run;
                p += run;
            }
        }
    }

    private readonly struct ProductJob(
        ConvGeometry g, float* input, float* packed, float* sums, int slab, int panels, long position, int length)
        : IParallelJob
    {
        private readonly int _ranges = (g.Depth + GemmMicro.Mr - 1) / GemmMicro.Mr;

        internal int Items => checked(g.Groups * _ranges);

        public void Run(int index)
        {
            int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
            int group = index / _ranges, first = index % _ranges * mr;
            int rows = Math.Min(mr, g.Depth - first);
            int line = (length + GemmMicro.Chunk - 1) / GemmMicro.Chunk * GemmMicro.Chunk;
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(float) * (GemmMicro.PanelA(slab) + line));
            float* a = (float*)scratch.Pointer;
            float* windows = a + GemmMicro.PanelA(slab);
            for (int r = 0; r < rows; r++)
            {
                int k = first + r;
                Windows(group, k / g.Taps, k % g.Taps, windows);
                float* to = a + (r * GemmMicro.Chunk);
                for (int i = 0; i < length; i += GemmMicro.Chunk, to += mr * GemmMicro.Chunk)
                {
                    ConvPack.Copy(windows + i, GemmMicro.Chunk, to);
                }
            }

            for (int panel = 0; panel < panels; panel++)
            {
                float* c = sums + ((((long)group * g.Depth) + first) * g.OutChannels) + (panel * nr);
                GemmMicro.Run(
                    length, a, packed + (((group * panels) + panel) * GemmMicro.PanelB(slab)), c, g.OutChannels, rows,
                    Math.Min(nr, g.OutChannels - (panel * nr)), position > 0);
            }
        }

        private void Windows(int group, int channel, int tap, float* to)
        {
            long p = position;
            for (int done = 0; done < length;)
            {
                long picture = p / g.OutPlane, at = p % g.OutPlane;
                int run = (int)Math.Min(length - done, g.OutPlane - at);
                float* from = input + ((((picture * g.Groups) + group) * g.InChannels) + channel) * g.InPlane;
                ConvPack.Line(g, from, tap, at, run, to + done);
                done += run;
                p += run;
            }
        }
    }

    private readonly struct SumJob(int batch, int channels, long plane, float* values, float* bias) : IParallelJob
    {
        public void Run(int index)
        {
            double sum = 0;
            for (int n = 0; n < batch; n++)
            {
                float* from = values + ((((long)n * channels) + index) * plane);
                for (long i = 0; i < plane; i += 4096)
                {
                    sum += TensorPrimitives.Sum(new ReadOnlySpan<float>(from + i, (int)Math.Min(4096, plane - i)));
                }
            }

            bias[index] = (float)sum;
        }
    }
}
