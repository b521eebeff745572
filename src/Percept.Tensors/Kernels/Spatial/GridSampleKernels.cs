using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Pictures and volumes read at the points of a grid, and the gradients to picture and grid.</summary>
/// <remarks>
/// Layout: input [B, C, H, W] or [B, C, D, H, W], grid [B, P, 2] (x, y) or [B, P, 3] (x, y, z), output [B, C, P]. Forward and the grid's gradient: an item is a
/// range of points of one picture, whose taps are found once for all channels. The input's gradient: an item is one
/// plane with the points in order, so that places that meet add up in one order. Nothing may overlap.
/// </remarks>
internal static unsafe class GridSampleKernels
{
    private const int Points = 256;

    /// <summary>output[b, c, p] = Σ taps weight·input.</summary>
    internal static void Forward(in GridSizes s, float* input, float* grid, float* output) =>
        Run(new Job(s, input, grid, output, null));

    /// <summary>Computes the grid's gradient; overwritten.</summary>
    internal static void GridGradient(in GridSizes s, float* input, float* grid, float* dy, float* dgrid) =>
        Run(new Job(s, input, grid, dy, dgrid));

    /// <summary>Computes the input's gradient; overwritten.</summary>
    internal static void InputGradient(in GridSizes s, float* grid, float* dy, float* dinput)
    {
        InputJob job = new(s, grid, dy, dinput);
        WorkerPool.Shared.Run(ref job, checked((int)((long)s.Batch * ((s.Channels + 3) / 4))));
    }

    private static void Run(Job job) => WorkerPool.Shared.Run(ref job, job.Items);

    private readonly struct Job(GridSizes s, float* input, float* grid, float* output, float* dgrid) : IParallelJob
    {
        private readonly int _ranges = (int)((s.Points + Points - 1) / Points);

        internal int Items => checked(s.Batch * _ranges);

        public void Run(int index)
        {
            int picture = index / _ranges;
            long first = index % _ranges * (long)Points;
            long end = Math.Min(s.Points, first + Points);
            var taps = new GridTaps(s);
            int* places = stackalloc int[GridTaps.Most];
            float* weights = stackalloc float[4 * GridTaps.Most];
            float* slopes = dgrid is null ? null : weights + GridTaps.Most;
            for (long p = first; p < end; p++)
            {
                long at = ((picture * s.Points) + p) * s.Axes;
                taps.Find(grid + at, places, weights, slopes);
                float* x = input + ((long)picture * s.Channels * s.Plane);
                float* y = output + ((long)picture * s.Channels * s.Points) + p;
                if (dgrid is null)
                {
                    Read(taps.Count, places, weights, x, y);
                }
                else
                {
                    Slopes(taps.Count, places, slopes, x, y, dgrid + at);
                }
            }
        }

        private void Read(int count, int* places, float* weights, float* x, float* y)
        {
            for (int c = 0; c < s.Channels; c++, x += s.Plane, y += s.Points)
            {
                float sum = 0;
                for (int t = 0; t < count; t++)
                {
                    sum += places[t] < 0 ? 0 : weights[t] * x[places[t]];
                }

                *y = sum;
            }
        }

        private void Slopes(int count, int* places, float* slopes, float* x, float* dy, float* result)
        {
            double* along = stackalloc double[3];
            new Span<double>(along, 3).Clear();
            for (int c = 0; c < s.Channels; c++, x += s.Plane, dy += s.Points)
            {
                for (int axis = 0; axis < s.Axes; axis++)
                {
                    float* slope = slopes + (axis * GridTaps.Most);
                    float sum = 0;
                    for (int t = 0; t < count; t++)
                    {
                        sum += slope[t] * (places[t] < 0 ? 0 : x[places[t]]);
                    }

                    along[axis] += sum * *dy;
                }
            }

            for (int axis = 0; axis < s.Axes; axis++)
            {
                result[axis] = (float)along[axis];
            }
        }
    }

    /// <summary>An item is four planes: the taps of a point are found once for them.</summary>
    private readonly struct InputJob(GridSizes s, float* grid, float* dy, float* dinput) : IParallelJob
    {
        public void Run(int index)
        {
            int blocks = (s.Channels + 3) / 4;
            int picture = index / blocks, first = index % blocks * 4;
            int planes = Math.Min(4, s.Channels - first);
            float* x = dinput + ((((long)picture * s.Channels) + first) * s.Plane);
            float* from = dy + ((((long)picture * s.Channels) + first) * s.Points);
            System.Runtime.InteropServices.NativeMemory.Clear(x, (nuint)(planes * s.Plane * sizeof(float)));
            var taps = new GridTaps(s);
            int count = taps.Count;
            int* places = stackalloc int[GridTaps.Most];
            float* weights = stackalloc float[GridTaps.Most];
            for (long p = 0; p < s.Points; p++)
            {
                taps.Find(grid + (((picture * s.Points) + p) * s.Axes), places, weights, null);
                for (int c = 0; c < planes; c++)
                {
                    float upstream = from[(c * s.Points) + p];
                    float* plane = x + (c * s.Plane);
                    for (int t = 0; t < count; t++)
                    {
                        if (places[t] >= 0)
                        {
                            plane[places[t]] += weights[t] * upstream;
                        }
                    }
                }
            }
        }
    }
}

/// <summary>The sizes of a grid sampling.</summary>
internal record struct GridSizes
{
    internal GridSampleOptions Options;
    internal int Batch;
    internal int Channels;

    /// <summary>2 for pictures, 3 for volumes.</summary>
    internal int Axes;

    /// <summary>1 for pictures.</summary>
    internal int Depth;
    internal int Height;
    internal int Width;
    internal long Points;

    /// <summary>Elements of a channel.</summary>
    internal readonly long Plane => (long)Depth * Height * Width;
}
