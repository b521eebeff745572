using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Rows picked by number: to[o, i, :] = from[o, map[i], :], and its gradient, sums into picked rows.</summary>
/// <remarks>
/// Layout: [outer, rows, inner] dense on both sides. A negative number leaves the row out (the copy writes zeros
/// there). An item is one range of inner elements of one outer index, with the rows in order, so that rows that meet
/// add up in the same order whatever the number of threads. Sides must not overlap.
/// </remarks>
internal static unsafe class RowKernels
{
    /// <summary>to[o, i, :] = from[o, map[i], :]; zeros where map[i] is negative.</summary>
    /// <param name="from">[outer, fromRows, inner].</param>
    /// <param name="to">[outer, rows, inner].</param>
    /// <param name="outer">Outer size.</param>
    /// <param name="fromRows">Rows of the source.</param>
    /// <param name="rows">Rows of the destination.</param>
    /// <param name="innerBytes">Bytes of a row.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    /// <param name="map">[rows], below <paramref name="fromRows"/>.</param>
    internal static void Gather(
        byte* from, byte* to, long outer, long fromRows, long rows, long innerBytes, int elementBytes, long* map)
    {
        if (outer * rows * innerBytes == 0)
        {
            return;
        }

        long together = Math.Max(1, VectorKernels.PieceLength * 4 / innerBytes);
        var job = new GatherJob
        {
            From = from, To = to, FromRows = fromRows, Rows = rows, InnerBytes = innerBytes, ElementBytes = elementBytes,
            Map = map, Together = together, Blocks = (rows + together - 1) / together,
        };
        WorkerPool.Shared.Run(ref job, checked((int)(outer * job.Blocks)));
    }

    /// <summary>to[o, map[i], :] += factor·from[o, i, :], in the order of i; negative numbers are left out.</summary>
    internal static void Add(float* from, float* to, long outer, long rows, long toRows, long inner, float factor, long* map)
    {
        if (outer * rows * inner == 0)
        {
            return;
        }

        // Columns are cut so that several threads can work on a single outer index.
        long width = Math.Max(16, Math.Min(inner, (VectorKernels.PieceLength * 4) / Math.Max(1, rows)));
        long blocks = (inner + width - 1) / width;
        var job = new AddJob
        {
            From = from, To = to, Rows = rows, ToRows = toRows, Inner = inner, Width = width, Blocks = blocks,
            Factor = factor, Map = map,
        };
        WorkerPool.Shared.Run(ref job, checked((int)(outer * blocks)));
    }

    /// <summary>to[o, map[i], :] = from[o, i, :] in the order of i; the last of rows that meet stays.</summary>
    internal static void Put(
        byte* from, byte* to, long outer, long rows, long toRows, long innerBytes, long* map)
    {
        if (outer * rows * innerBytes == 0)
        {
            return;
        }

        var job = new PutJob { From = from, To = to, Rows = rows, ToRows = toRows, InnerBytes = innerBytes, Map = map };
        WorkerPool.Shared.Run(ref job, checked((int)outer));
    }

    private struct GatherJob : IParallelJob
    {
        public byte* From;
        public byte* To;
        public long FromRows;
        public long Rows;
        public long InnerBytes;
        public int ElementBytes;
        public long* Map;
        public long Together;
        public long Blocks;

        public readonly void Run(int index)
        {
            long outer = index / Blocks;
            long first = index % Blocks * Together;
            long end = Math.Min(Rows, first + Together);
            byte* from = From + (outer * FromRows * InnerBytes);
            byte* to = To + (((outer * Rows) + first) * InnerBytes);
            if (InnerBytes == ElementBytes)
            {
                switch (ElementBytes)
                {
                    case 1: Singles(from, to, Map + first, end - first); return;
                    case 2: Singles((ushort*)from, (ushort*)to, Map + first, end - first); return;
                    case 4: Singles((uint*)from, (uint*)to, Map + first, end - first); return;
                    case 8: Singles((ulong*)from, (ulong*)to, Map + first, end - first); return;
                }
            }

            for (long i = first; i < end; i++, to += InnerBytes)
            {
                long row = Map[i];
                if (row >= 0)
                {
                    Buffer.MemoryCopy(from + (row * InnerBytes), to, InnerBytes, InnerBytes);
                }
                else
                {
                    System.Runtime.InteropServices.NativeMemory.Clear(to, (nuint)InnerBytes);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Singles<T>(T* from, T* to, long* map, long count)
            where T : unmanaged
        {
            for (long i = 0; i < count; i++)
            {
                to[i] = map[i] >= 0 ? from[map[i]] : default;
            }
        }
    }

    private struct AddJob : IParallelJob
    {
        public float* From;
        public float* To;
        public long Rows;
        public long ToRows;
        public long Inner;
        public long Width;
        public long Blocks;
        public float Factor;
        public long* Map;

        public readonly void Run(int index)
        {
            long outer = index / Blocks;
            long column = index % Blocks * Width;
            int width = (int)Math.Min(Width, Inner - column);
            float* from = From + (outer * Rows * Inner) + column;
            float* to = To + (outer * ToRows * Inner) + column;
            for (long i = 0; i < Rows; i++, from += Inner)
            {
                long row = Map[i];
                if (row < 0)
                {
                    continue;
                }

                float* target = to + (row * Inner);
                if (width < 8)
                {
                    for (int j = 0; j < width; j++)
                    {
                        target[j] += Factor * from[j];
                    }
                }
                else
                {
                    Span<float> sum = new(target, width);
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(from, width), Factor, sum, sum);
                }
            }
        }
    }

    private struct PutJob : IParallelJob
    {
        public byte* From;
        public byte* To;
        public long Rows;
        public long ToRows;
        public long InnerBytes;
        public long* Map;

        public readonly void Run(int index)
        {
            byte* from = From + (index * Rows * InnerBytes);
            byte* to = To + (index * ToRows * InnerBytes);
            for (long i = 0; i < Rows; i++, from += InnerBytes)
            {
                if (Map[i] >= 0)
                {
                    Buffer.MemoryCopy(from, to + (Map[i] * InnerBytes), InnerBytes, InnerBytes);
                }
            }
        }
    }
}
