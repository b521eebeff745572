using System.Runtime.CompilerServices;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Convolution;

/// <summary>Convolution as an implicit matrix product: output[o, p] = bias[o] + Σₖ weight[o, k]·window[k, p].</summary>
/// <remarks>
/// Layouts as in <see cref="ConvGeometry"/>. The weight is packed once into A panels. An item is a group of output
/// positions of one picture and channel group × a range of output channels: it packs the positions' windows of one slab
/// of about <see cref="GemmF32.SlabK"/> k (whole kernel rows) into B panels that stay in the second-level cache and
/// runs
/// <see cref="GemmMicro"/> over all its channels, then goes on with the next slab. The bias is one more k whose
/// window is 1. The order of summation depends on the convolution alone. Input, weight and output must not overlap.
/// </remarks>
internal static unsafe class ConvForward
{
    private const int GroupPositions = 64;
    private const int MostPositions = 512;

    /// <summary>Computes the output.</summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="input">The input.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">[Groups·OutChannels], or null.</param>
    /// <param name="output">The output; overwritten.</param>
    internal static void Run(in ConvGeometry geometry, float* input, float* weight, float* bias, float* output)
    {
        ConvGeometry g = geometry.Simplified();
        if (g.Batch == 0 || g.Groups * g.OutChannels == 0 || g.OutPlane == 0)
        {
            return;
        }

        if (g.Depthwise)
        {
            ConvDepthwise.Forward(g, input, weight, bias, output);
            return;
        }

        Plan plan = new(g, bias is not null);
        using ThreadScratch.Lease packed = ThreadScratch.Rent(sizeof(float) * plan.PackedFloats);
        float* panels = (float*)packed.Pointer;
        PackJob pack = new(g, plan, weight, bias, panels);
        WorkerPool.Shared.Run(ref pack, pack.Items);
        ComputeJob compute = new(g, plan, input, panels, output);
        WorkerPool.Shared.Run(ref compute, compute.Items);
    }

    /// <summary>The scalar twin of <see cref="Run"/>.</summary>
    internal static void RunScalar(in ConvGeometry g, float* input, float* weight, float* bias, float* output)
    {
        for (long o = 0; o < (long)g.Batch * g.Groups * g.OutChannels * g.OutPlane; o++)
        {
            long plane = o / g.OutPlane;
            int channel = (int)(plane % (g.Groups * g.OutChannels));
            int ow = (int)(o % g.OutW), oh = (int)(o / g.OutW % g.OutH), od = (int)(o / g.OutW / g.OutH % g.OutD);
            long first = ((plane / (g.Groups * g.OutChannels) * g.Groups) + (channel / g.OutChannels)) * g.InChannels;
            float sum = 0;
            for (int k = 0; k < g.Depth; k++)
            {
                int kw = k % g.KW, kh = k / g.KW % g.KH, kd = k / g.KW / g.KH % g.KD;
                int z = (od * g.SD) - g.PD + (kd * g.DD), y = (oh * g.SH) - g.PH + (kh * g.DH), x = (ow * g.SW) - g.PW + (kw * g.DW);
                if ((uint)z < (uint)g.InD && (uint)y < (uint)g.InH && (uint)x < (uint)g.InW)
                {
                    long line = ((((first + (k / g.Taps)) * g.InD) + z) * g.InH) + y;
                    sum += weight[((long)channel * g.Depth) + k] * input[(line * g.InW) + x];
                }
            }

            output[o] = sum + (bias is null ? 0 : bias[channel]);
        }
    }

    /// <summary>How the product is cut.</summary>
    private readonly struct Plan
    {
        internal Plan(in ConvGeometry g, bool bias)
        {
            int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
            Bias = bias;
            int slabs = Math.Max(1, (g.Depth + GemmF32.SlabK - 1) / GemmF32.SlabK);
            SlabRows = Math.Max(1, (g.KernelRows + slabs - 1) / slabs);
            Slabs = Math.Max(1, (g.KernelRows + SlabRows - 1) / SlabRows);
            SlabK = (SlabRows * g.KW) + 1;
            Panels = (g.OutChannels + mr - 1) / mr;

            double work = (double)g.OutChannels * Math.Max(1, g.Depth);
            double wanted = Math.Clamp(GemmPlan.WorkOfItem / work, GroupPositions, MostPositions);
            GroupP = (int)Math.Min((g.OutPlane + nr - 1) / nr * nr, ((int)wanted + nr - 1) / nr * nr);
            Groups = checked((int)((g.OutPlane + GroupP - 1) / GroupP));

            long items = (long)g.Batch * g.Groups * Groups;
            int threads = WorkerPool.Available;
            int chunks = 1;
            if (threads > 1 && items < 4 * threads)
            {
                // Packing again for each range of channels pays as long as the range is several panels high.
                chunks = (int)Math.Min(Math.Max(1, Panels / 6), ((4 * threads) + items - 1) / items);
            }

            ChunkPanels = (Panels + chunks - 1) / chunks;
            Chunks = (Panels + ChunkPanels - 1) / ChunkPanels;
            PackedFloats = (long)g.Groups * Slabs * Panels * GemmMicro.PanelA(SlabK);
        }

        internal bool Bias { get; }

        internal int SlabRows { get; }

        internal int Slabs { get; }

        /// <summary>The most k of a slab.</summary>
        internal int SlabK { get; }

        /// <summary>A panels of one channel group.</summary>
        internal int Panels { get; }

        internal int GroupP { get; }

        internal int Groups { get; }

        internal int ChunkPanels { get; }

        internal int Chunks { get; }

        internal long PackedFloats { get; }

        internal int RowsOf(in ConvGeometry g, int slab) => Math.Max(0, Math.Min(SlabRows, g.KernelRows - (slab * SlabRows)));

        internal bool HasBias(int slab) => Bias && slab == Slabs - 1;

        internal float* Panel(float* packed, int group, int slab, int panel) =>
            packed + (((((long)group * Slabs) + slab) * Panels) + panel) * GemmMicro.PanelA(SlabK);
    }

    /// <summary>Packs the weight; an item is one panel of all slabs.</summary>
    private readonly struct PackJob(ConvGeometry g, Plan plan, float* weight, float* bias, float* panels) : IParallelJob
    {
        internal int Items => g.Groups * plan.Panels;

        public void Run(int index)
        {
            int group = index / plan.Panels, panel = index % plan.Panels;
            int mr = GemmMicro.Mr;
            int rows = Math.Min(mr, g.OutChannels - (panel * mr));
            long channel = ((long)group * g.OutChannels) + (panel * mr);
            for (int slab = 0; slab < plan.Slabs; slab++)
            {
                float* to = plan.Panel(panels, group, slab, panel);
                int k = plan.RowsOf(g, slab) * g.KW;
                float* from = weight + (channel * g.Depth) + ((long)slab * plan.SlabRows * g.KW);
                GemmPack.A(from, g.Depth, false, rows, k, 1f, to);
                if (plan.HasBias(slab))
                {
                    float* column = to + (k / GemmMicro.Chunk * mr * GemmMicro.Chunk) + (k % GemmMicro.Chunk);
                    for (int r = 0; r < rows; r++)
                    {
                        column[r * GemmMicro.Chunk] = bias[channel + r];
                    }
                }
            }
        }
    }

    private readonly struct ComputeJob(ConvGeometry g, Plan plan, float* input, float* panels, float* output) : IParallelJob
    {
        internal int Items => checked(g.Batch * g.Groups * plan.Groups * plan.Chunks);

        public void Run(int index)
        {
            int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
            int chunk = index % plan.Chunks;
            int range = index / plan.Chunks % plan.Groups;
            int picture = index / plan.Chunks / plan.Groups;
            int group = picture % g.Groups;
            long position = (long)range * plan.GroupP;
            int count = (int)Math.Min(plan.GroupP, g.OutPlane - position);
            float* from = input + ((long)picture * g.InChannels * g.InPlane);
            float* to = output + ((long)picture * g.OutChannels * g.OutPlane) + position;
            long panelSize = GemmMicro.PanelB(plan.SlabK);
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(float) * panelSize * ((count + nr - 1) / nr));
            float* windows = (float*)scratch.Pointer;
            int end = Math.Min(plan.Panels, (chunk + 1) * plan.ChunkPanels);
            for (int slab = 0; slab < plan.Slabs; slab++)
            {
                int kernelRows = plan.RowsOf(g, slab);
                int k = kernelRows * g.KW;
                ConvPack.Panels(g, from, slab * plan.SlabRows, kernelRows, position, count, windows, panelSize);
                if (plan.HasBias(slab))
                {
                    for (int j = 0; j < count; j += nr)
                    {
                        new Span<float>(windows + (j / nr * panelSize) + ((long)k * nr), nr).Fill(1f);
                    }

                    k++;
                }

                for (int panel = chunk * plan.ChunkPanels; panel < end; panel++)
                {
                    float* a = plan.Panel(panels, group, slab, panel);
                    float* c = to + ((long)panel * mr * g.OutPlane);
                    int rows = Math.Min(mr, g.OutChannels - (panel * mr));
                    for (int j = 0; j < count; j += nr)
                    {
                        GemmMicro.Run(
                            k, a, windows + (j / nr * panelSize), nr, c + j, g.OutPlane, rows, Math.Min(nr, count - j),
                            slab > 0 ? c + j : null, g.OutPlane);
                    }
                }
            }
        }
    }
}
