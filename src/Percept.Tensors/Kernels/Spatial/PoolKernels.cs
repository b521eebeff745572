using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Averages and greatest values over windows, and their gradients.</summary>
/// <remarks>
/// Layout: [planes, in…] → [planes, out…]; an item is one plane (several small ones together), so gradients of windows
/// that overlap add up in one order. A greatest value without its place first takes the greatest of the window's rows
/// as whole rows, then over the columns. NaN wins over every number. Input and output must not overlap.
/// </remarks>
internal static unsafe class PoolKernels
{
    private enum Kind
    {
        Average,
        AverageGradient,
        Max,
        MaxGradient,
    }

    /// <summary>y = sum over the window / counted elements.</summary>
    internal static void Average(in PoolWindows w, long planes, float* x, float* y) => Run(Kind.Average, w, planes, x, y, null);

    /// <summary>dx = Σ over windows of dy / counted elements; dx is overwritten.</summary>
    internal static void AverageGradient(in PoolWindows w, long planes, float* dx, float* dy) =>
        Run(Kind.AverageGradient, w, planes, dx, dy, null);

    /// <summary>
    /// y = greatest of the window; <paramref name="places"/> (may be null) = its index in the plane, the first of
    /// equals.
    /// </summary>
    internal static void Max(in PoolWindows w, long planes, float* x, float* y, int* places) =>
        Run(Kind.Max, w, planes, x, y, places);

    /// <summary>dx[places] += dy; dx is overwritten.</summary>
    internal static void MaxGradient(in PoolWindows w, long planes, float* dx, float* dy, int* places) =>
        Run(Kind.MaxGradient, w, planes, dx, dy, places);

    private static void Run(Kind kind, in PoolWindows w, long planes, float* x, float* y, int* places)
    {
        if (planes == 0)
        {
            return;
        }

        long together = Math.Max(1, VectorKernels.PieceLength / Math.Max(1, w.InPlane + w.OutPlane));
        Job job = new(kind, w, planes, x, y, places, together);
        WorkerPool.Shared.Run(ref job, checked((int)((planes + together - 1) / together)));
    }

    private readonly struct Job(Kind kind, PoolWindows w, long planes, float* input, float* output, int* indices, long together)
        : IParallelJob
    {
        public void Run(int index)
        {
            long end = Math.Min(planes, (index + 1) * together);
            for (long plane = index * together; plane < end; plane++)
            {
                float* x = input + (plane * w.InPlane);
                float* y = output + (plane * w.OutPlane);
                int* places = indices is null ? null : indices + (plane * w.OutPlane);
                switch (kind)
                {
                    case Kind.Average: Average(x, y); break;
                    case Kind.AverageGradient: AverageGradient(x, y); break;
                    case Kind.Max when places is null: MaxOfRows(x, y); break;
                    case Kind.Max: Max(x, y, places); break;
                    default: MaxGradient(x, y, places); break;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Average(float* x, float* y)
        {
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(2 * sizeof(float) * (long)w.In(2));
            Span<float> sums = new(scratch.Pointer, w.In(2));
            float* windows = (float*)scratch.Pointer + w.In(2);
            int whole = WholeWindow(), columns = w.Out(2);
            int* starts = w.First(2), ends = w.End(2), counted = w.Counted(2);
            for (int z = 0; z < w.Out(0); z++)
            {
                for (int r = 0; r < w.Out(1); r++)
                {
                    sums.Clear();
                    for (int i = w.First(0)[z]; i < w.End(0)[z]; i++)
                    {
                        for (int j = w.First(1)[r]; j < w.End(1)[r]; j++)
                        {
                            TensorPrimitives.Add(sums, Row(x, i, j), sums);
                        }
                    }

                    float outer = w.Counted(0)[z] * (float)w.Counted(1)[r];
                    if (whole > 0)
                    {
                        Span<float> all = new(windows, w.In(2) - whole + 1);
                        sums[..all.Length].CopyTo(all);
                        for (int k = 1; k < whole; k++)
                        {
                            TensorPrimitives.Add(all, sums.Slice(k, all.Length), all);
                        }
                    }

                    for (int c = 0; c < columns; c++)
                    {
                        int first = starts[c], end = ends[c];
                        if (whole > 0 && end - first == whole)
                        {
                            *y++ = windows[first] / (outer * counted[c]);
                            continue;
                        }

                        float sum = 0;
                        if (end - first > 16)
                        {
                            sum = TensorPrimitives.Sum(sums[first..end]);
                        }
                        else
                        {
                            for (int k = first; k < end; k++)
                            {
                                sum += sums[k];
                            }
                        }

                        *y++ = sum / (outer * counted[c]);
                    }
                }
            }
        }

        /// <summary>
        /// The extent of the widest windows of a row when there are enough of them to be computed at every place by
        /// whole-row steps; 0 otherwise.
        /// </summary>
        private int WholeWindow()
        {
            int widest = 0, count = 0;
            for (int c = 0; c < w.Out(2); c++)
            {
                int extent = w.End(2)[c] - w.First(2)[c];
                count = extent > widest ? 1 : extent == widest ? count + 1 : count;
                widest = Math.Max(widest, extent);
            }

            return widest <= 16 && count >= 8 && w.In(2) / count <= 8 ? widest : 0;
        }

        private ReadOnlySpan<float> Row(float* x, int i, int j) => new(x + ((((long)i * w.In(1)) + j) * w.In(2)), w.In(2));

        private void AverageGradient(float* dx, float* dy)
        {
            Clear(dx);
            for (int z = 0; z < w.Out(0); z++)
            {
                for (int r = 0; r < w.Out(1); r++)
                {
                    float outer = w.Counted(0)[z] * (float)w.Counted(1)[r];
                    for (int c = 0; c < w.Out(2); c++)
                    {
                        float part = *dy++ / (outer * w.Counted(2)[c]);
                        int end = w.End(2)[c];
                        for (int i = w.First(0)[z]; i < w.End(0)[z]; i++)
                        {
                            for (int j = w.First(1)[r]; j < w.End(1)[r]; j++)
                            {
                                float* row = dx + ((((long)i * w.In(1)) + j) * w.In(2));
                                for (int k = w.First(2)[c]; k < end; k++)
                                {
                                    row[k] += part;
                                }
                            }
                        }
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void MaxOfRows(float* x, float* y)
        {
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(2 * sizeof(float) * (long)w.In(2));
            float* row = (float*)scratch.Pointer;
            Span<float> greatest = new(row, w.In(2));
            float* windows = row + w.In(2);
            int whole = WholeWindow(), columns = w.Out(2);
            int* starts = w.First(2), ends = w.End(2);
            for (int z = 0; z < w.Out(0); z++)
            {
                for (int r = 0; r < w.Out(1); r++)
                {
                    greatest.Fill(float.NegativeInfinity);
                    for (int i = w.First(0)[z]; i < w.End(0)[z]; i += w.Step(0))
                    {
                        for (int j = w.First(1)[r]; j < w.End(1)[r]; j += w.Step(1))
                        {
                            TensorPrimitives.Max(greatest, Row(x, i, j), greatest);
                        }
                    }

                    if (whole > 0)
                    {
                        Span<float> all = new(windows, w.In(2) - whole + 1);
                        greatest[..all.Length].CopyTo(all);
                        for (int k = w.Step(2); k < whole; k += w.Step(2))
                        {
                            TensorPrimitives.Max(all, greatest.Slice(k, all.Length), all);
                        }
                    }

                    for (int c = 0; c < columns; c++)
                    {
                        if (whole > 0 && ends[c] - starts[c] == whole)
                        {
                            *y++ = windows[starts[c]];
                            continue;
                        }

                        float best = float.NegativeInfinity;
                        for (int k = starts[c]; k < ends[c]; k += w.Step(2))
                        {
                            best = row[k] > best || float.IsNaN(row[k]) ? row[k] : best;
                        }

                        *y++ = best;
                    }
                }
            }
        }

        private void Max(float* x, float* y, int* places)
        {
            for (int z = 0; z < w.Out(0); z++)
            {
                for (int r = 0; r < w.Out(1); r++)
                {
                    for (int c = 0; c < w.Out(2); c++)
                    {
                        *places++ = Place(x, z, r, c, out float best);
                        *y++ = best;
                    }
                }
            }
        }

        private int Place(float* x, int z, int r, int c, out float best)
        {
            best = float.NegativeInfinity;
            int place = -1;
            int end = w.End(2)[c], first = w.First(2)[c], step = w.Step(2);
            for (int i = w.First(0)[z]; i < w.End(0)[z]; i += w.Step(0))
            {
                for (int j = w.First(1)[r]; j < w.End(1)[r]; j += w.Step(1))
                {
                    int row = ((i * w.In(1)) + j) * w.In(2);
                    for (int k = first; k < end; k += step)
                    {
                        float value = x[row + k];
                        if (value > best || float.IsNaN(value) || place < 0)
                        {
                            best = value;
                            place = row + k;
                        }
                    }
                }
            }

            return place;
        }

        private void MaxGradient(float* dx, float* dy, int* places)
        {
            Clear(dx);
            for (long i = 0; i < w.OutPlane; i++)
            {
                // A window whose elements all lie in the padding has no place; its maximum is −∞.
                if (places[i] >= 0)
                {
                    dx[places[i]] += dy[i];
                }
            }
        }

        private void Clear(float* dx) =>
            System.Runtime.InteropServices.NativeMemory.Clear(dx, (nuint)(w.InPlane * sizeof(float)));
    }
}
