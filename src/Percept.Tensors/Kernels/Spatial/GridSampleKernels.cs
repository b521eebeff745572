using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Pictures read at the points of a grid, and the gradients to picture and grid.</summary>
/// <remarks>
/// Layout: input [B, C, H, W], grid [B, P, 2] (x, y), output [B, C, P]. Forward and the grid's gradient: an item is a
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
            var taps = new GridTaps(s.Options, s.Height, s.Width);
            int* places = stackalloc int[16];
            float* weights = stackalloc float[48];
            float* slopesX = dgrid is null ? null : weights + 16;
            float* slopesY = dgrid is null ? null : weights + 32;
            for (long p = first; p < end; p++)
            {
                float* point = grid + (((picture * s.Points) + p) * 2);
                taps.Find(point[0], point[1], places, weights, slopesX, slopesY);
                float* x = input + ((long)picture * s.Channels * s.Plane);
                float* y = output + ((long)picture * s.Channels * s.Points) + p;
                if (dgrid is null)
                {
                    Read(taps.Count, places, weights, x, y);
                }
                else
                {
                    Slopes(taps.Count, places, slopesX, slopesY, x, y, dgrid + (((picture * s.Points) + p) * 2));
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

        private void Slopes(int count, int* places, float* slopesX, float* slopesY, float* x, float* dy, float* result)
        {
            double alongX = 0, alongY = 0;
            for (int c = 0; c < s.Channels; c++, x += s.Plane, dy += s.Points)
            {
                float dx = 0, dz = 0;
                for (int t = 0; t < count; t++)
                {
                    float value = places[t] < 0 ? 0 : x[places[t]];
                    dx += slopesX[t] * value;
                    dz += slopesY[t] * value;
                }

                alongX += dx * *dy;
                alongY += dz * *dy;
            }

            result[0] = (float)alongX;
            result[1] = (float)alongY;
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
            var taps = new GridTaps(s.Options, s.Height, s.Width);
            int count = taps.Count;
            int* places = stackalloc int[16];
            float* weights = stackalloc float[16];
            for (long p = 0; p < s.Points; p++)
            {
                float* point = grid + (((picture * s.Points) + p) * 2);
                taps.Find(point[0], point[1], places, weights, null, null);
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
    internal int Height;
    internal int Width;
    internal long Points;

    internal readonly long Plane => (long)Height * Width;
}
