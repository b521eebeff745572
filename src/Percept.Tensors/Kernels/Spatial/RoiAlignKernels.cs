using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Regions of pictures averaged into grids of bins, and the gradient of the pictures.</summary>
/// <remarks>
/// Layout: input [B, C, H, W], boxes [R, 5] (picture, x1, y1, x2, y2), output [R, C, OH, OW]. Each bin is the mean of
/// bilinear samples; a sample beyond [−1, size] is 0, one between the edge and that reads the edge. An item is a group
/// of channels of one box (forward), or of all boxes in order (gradient), so that sums have one order.
/// </remarks>
internal static unsafe class RoiAlignKernels
{
    /// <summary>How many bins a box may have, so that those of an item's channels can be counted.</summary>
    internal const int MostBins = int.MaxValue / ChannelsOfItem;

    private const int ChannelsOfItem = 16;

    /// <summary>Computes the output.</summary>
    internal static void Forward(in RoiSizes s, float* input, float* boxes, float* output)
    {
        Job job = new(s, input, boxes, output, false);
        WorkerPool.Shared.Run(ref job, checked(s.Boxes * Groups(s)));
    }

    /// <summary>Adds to the input's gradient, which starts as zeros.</summary>
    internal static void Gradient(in RoiSizes s, float* dinput, float* boxes, float* dy)
    {
        Job job = new(s, dinput, boxes, dy, true);
        WorkerPool.Shared.Run(ref job, Groups(s));
    }

    private static int Groups(in RoiSizes s) => (s.Channels + ChannelsOfItem - 1) / ChannelsOfItem;

    private readonly struct Job(RoiSizes s, float* input, float* boxes, float* output, bool spread) : IParallelJob
    {
        public void Run(int index)
        {
            int groups = Groups(s);
            int channel = index % groups * ChannelsOfItem;
            int end = spread ? s.Boxes : (index / groups) + 1;
            for (int box = index / groups; box < end; box++)
            {
                Box(box, channel, Math.Min(ChannelsOfItem, s.Channels - channel));
            }
        }

        private void Box(int box, int channel, int channels)
        {
            float* b = boxes + (box * 5L);
            float offset = s.Options.Aligned ? 0.5f : 0f, scale = s.Options.SpatialScale;
            float left = (b[1] * scale) - offset, top = (b[2] * scale) - offset;
            float width = (b[3] * scale) - offset - left, height = (b[4] * scale) - offset - top;
            if (!s.Options.Aligned)
            {
                width = Math.Max(width, 1f);
                height = Math.Max(height, 1f);
            }

            float binH = height / s.OutH, binW = width / s.OutW;
            int samplesY = Samples(binH, s.Height), samplesX = Samples(binW, s.Width);
            float part = 1f / Math.Max(samplesY * (float)samplesX, 1f);
            float* plane = input + ((((long)b[0] * s.Channels) + channel) * s.Plane);
            float* bins = output + ((((long)box * s.Channels) + channel) * s.OutH * s.OutW);
            if (!spread)
            {
                new Span<float>(bins, channels * s.OutH * s.OutW).Clear();
            }

            for (int i = 0; i < s.OutH * s.OutW; i++)
            {
                float y0 = top + (i / s.OutW * binH), x0 = left + (i % s.OutW * binW);
                for (int j = 0; j < samplesY; j++)
                {
                    float y = y0 + ((j + 0.5f) * binH / samplesY);
                    for (int k = 0; k < samplesX; k++)
                    {
                        Sample(y, x0 + ((k + 0.5f) * binW / samplesX), part, plane, bins + i, channels);
                    }
                }
            }
        }

        /// <summary>Samples of a bin; bounded, since a box may be given in any size.</summary>
        private int Samples(float bin, int size)
        {
            if (s.Options.SamplingRatio > 0)
            {
                return s.Options.SamplingRatio;
            }

            float count = MathF.Ceiling(bin);
            return count > 0 ? (int)Math.Min(count, 1 << 15) : 0;
        }

        private void Sample(float y, float x, float part, float* plane, float* bin, int channels)
        {
            if (!(y >= -1f && y <= s.Height && x >= -1f && x <= s.Width))
            {
                return;
            }

            int y0 = Edge(ref y, s.Height, out int y1), x0 = Edge(ref x, s.Width, out int x1);
            float ly = y - y0, lx = x - x0;
            float w00 = (1 - ly) * (1 - lx) * part, w01 = (1 - ly) * lx * part;
            float w10 = ly * (1 - lx) * part, w11 = ly * lx * part;
            long p00 = ((long)y0 * s.Width) + x0, p01 = ((long)y0 * s.Width) + x1;
            long p10 = ((long)y1 * s.Width) + x0, p11 = ((long)y1 * s.Width) + x1;
            long area = (long)s.OutH * s.OutW;
            for (int c = 0; c < channels; c++, plane += s.Plane, bin += area)
            {
                if (spread)
                {
                    plane[p00] += w00 * *bin;
                    plane[p01] += w01 * *bin;
                    plane[p10] += w10 * *bin;
                    plane[p11] += w11 * *bin;
                }
                else
                {
                    *bin += (w00 * plane[p00]) + (w01 * plane[p01]) + (w10 * plane[p10]) + (w11 * plane[p11]);
                }
            }
        }

        private static int Edge(ref float at, int size, out int next)
        {
            at = Math.Max(at, 0f);
            int low = (int)at;
            if (low >= size - 1)
            {
                at = size - 1;
                next = size - 1;
                return size - 1;
            }

            next = low + 1;
            return low;
        }
    }
}

/// <summary>The sizes of a region pooling.</summary>
internal record struct RoiSizes
{
    internal RoiAlignOptions Options;
    internal int Boxes;
    internal int Channels;
    internal int Height;
    internal int Width;
    internal int OutH;
    internal int OutW;

    internal readonly long Plane => (long)Height * Width;
}
