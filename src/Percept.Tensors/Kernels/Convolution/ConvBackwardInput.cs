using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Convolution;

/// <summary>
/// The gradient of a convolution's input, which is also the transposed convolution: every output element is spread with
/// the kernel over its window, input[c, place(t, p)] += Σₒ weight[o, c, t]·output[o, p].
/// </summary>
/// <remarks>
/// With single steps this is a convolution with the kernel turned round. Otherwise the matrix [channels·taps,
/// positions] = weightᵀ·output is computed block by block and each row is added to its places. An item owns a range
/// of channels of one picture and channel group (a range of matrix rows where windows do not meet), so that sums have
/// one order whatever the number of threads. The result starts from the bias of its channels, or from 0.
/// </remarks>
internal static unsafe class ConvBackwardInput
{
    private const int BlockPositions = 128;

    /// <summary>Computes the input's gradient.</summary>
    /// <param name="geometry">The sizes of the convolution.</param>
    /// <param name="output">The output's gradient, or the input of a transposed convolution.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">[Groups·InChannels], added to the result; or null.</param>
    /// <param name="input">Takes the result; overwritten.</param>
    internal static void Run(in ConvGeometry geometry, float* output, float* weight, float* bias, float* input)
    {
        ConvGeometry g = geometry.Simplified();
        if (g.Batch == 0 || g.Groups * g.InChannels == 0 || g.InPlane == 0)
        {
            return;
        }

        if (g.UnitStride)
        {
            using ThreadScratch.Lease turned =
                ThreadScratch.Rent(sizeof(float) * (long)g.Groups * g.OutChannels * g.Depth);
            TurnJob turn = new(g, weight, (float*)turned.Pointer);
            WorkerPool.Shared.Run(ref turn, g.Groups * g.InChannels);
            ConvForward.Run(g.Turned(), output, (float*)turned.Pointer, bias, input);
            return;
        }

        StartJob start = new(g, bias, input);
        WorkerPool.Shared.Run(ref start, checked(g.Batch * g.Groups * g.InChannels));
        if (g.Depthwise)
        {
            ConvDepthwise.BackwardInput(g, output, weight, input);
            return;
        }

        if (g.OutChannels > 0 && g.OutPlane > 0)
        {
            SpreadJob spread = new(g, output, weight, input);
            WorkerPool.Shared.Run(ref spread, spread.Items);
        }
    }

    /// <summary>The scalar twin of <see cref="Run"/>.</summary>
    internal static void RunScalar(in ConvGeometry g, float* output, float* weight, float* bias, float* input)
    {
        int channels = g.Groups * g.InChannels;
        for (long i = 0; i < g.Batch * channels * g.InPlane; i++)
        {
            input[i] = bias is null ? 0 : bias[i / g.InPlane % channels];
        }

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
                    input[(line * g.InW) + x] += weight[((long)channel * g.Depth) + k] * output[o];
                }
            }
        }
    }

    /// <summary>turned[c, o, t] = weight[o, c, taps − 1 − t]; an item is one input channel.</summary>
    private readonly struct TurnJob(ConvGeometry g, float* weight, float* turned) : IParallelJob
    {
        public void Run(int index)
        {
            int group = index / g.InChannels, channel = index % g.InChannels;
            int taps = g.Taps;
            float* to = turned + ((long)index * g.OutChannels * taps);
            for (int o = 0; o < g.OutChannels; o++, to += taps)
            {
                float* from = weight + (((((long)group * g.OutChannels) + o) * g.InChannels) + channel) * taps;
                for (int t = 0; t < taps; t++)
                {
                    to[t] = from[taps - 1 - t];
                }
            }
        }
    }

    private readonly struct StartJob(ConvGeometry g, float* bias, float* input) : IParallelJob
    {
        public void Run(int index)
        {
            float value = bias is null ? 0 : bias[index % (g.Groups * g.InChannels)];
            long count = g.InPlane;
            float* to = input + (index * count);
            for (long i = 0; i < count; i += VectorKernels.PieceLength)
            {
                new Span<float>(to + i, (int)Math.Min(VectorKernels.PieceLength, count - i)).Fill(value);
            }
        }
    }

    private readonly struct SpreadJob : IParallelJob
    {
        private readonly ConvGeometry _g;
        private readonly float* _output;
        private readonly float* _weight;
        private readonly float* _input;
        private readonly int _rows;
        private readonly int _ranges;

        internal SpreadJob(in ConvGeometry g, float* output, float* weight, float* input)
        {
            _g = g;
            _output = output;
            _weight = weight;
            _input = input;
            // Four to eight panels high, so that packing the output's rows is a small part.
            int mr = GemmMicro.Mr;
            int wanted = g.Depth >= 32 * mr ? 8 * mr : 4 * mr;
            _rows = g.Disjoint ? wanted : Math.Max(1, wanted / g.Taps) * g.Taps;
            _ranges = (g.Depth + _rows - 1) / _rows;
        }

        internal int Items => checked(_g.Batch * _g.Groups * _ranges);

        public void Run(int index)
        {
            int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
            int picture = index / _ranges, group = picture % _g.Groups;
            int first = index % _ranges * _rows;
            int rows = Math.Min(_rows, _g.Depth - first);
            int depth = _g.OutChannels;
            int panels = (rows + mr - 1) / mr;
            long panelA = GemmMicro.PanelA(depth), panelB = GemmMicro.PanelB(depth);
            int block = (int)Math.Min((_g.OutPlane + nr - 1) / nr * nr, BlockPositions);
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(
                sizeof(float) * ((panels * panelA) + (block / nr * panelB) + ((long)rows * block)));
            float* a = (float*)scratch.Pointer;
            float* b = a + (panels * panelA);
            float* product = b + (block / nr * panelB);
            float* weight = _weight + ((long)group * depth * _g.Depth) + first;
            for (int r = 0; r < panels; r++)
            {
                GemmPack.A(weight + (r * mr), _g.Depth, true, Math.Min(mr, rows - (r * mr)), depth, 1f, a + (r * panelA));
            }

            float* input = _input + ((long)picture * _g.InChannels * _g.InPlane);
            GemmSource source = GemmSource.F32(_output + ((long)picture * depth * _g.OutPlane), _g.OutPlane, false);
            for (long p = 0; p < _g.OutPlane; p += block)
            {
                int count = (int)Math.Min(block, _g.OutPlane - p);
                GemmPack.B(source, 0, p, depth, count, b);
                for (int r = 0; r < panels; r++)
                {
                    for (int j = 0; j < count; j += nr)
                    {
                        GemmMicro.Run(
                            depth, a + (r * panelA), b + (j / nr * panelB), product + ((long)r * mr * block) + j, block,
                            Math.Min(mr, rows - (r * mr)), Math.Min(nr, count - j), false);
                    }
                }

                for (int r = 0; r < rows; r++)
                {
                    int row = first + r;
                    ConvPack.AddLine(
                        _g, input + (row / _g.Taps * _g.InPlane), row % _g.Taps, p, count, product + ((long)r * block));
                }
            }
        }
    }
}
