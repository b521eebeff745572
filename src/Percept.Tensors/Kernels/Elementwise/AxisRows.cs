using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Copies between [outer, axis, inner] and [outer, inner, axis], so that an axis becomes rows.</summary>
/// <remarks>Layout: contiguous on both sides, elements of 1, 4 or 8 bytes. Tile: 16×16 elements; no remainder care is needed.</remarks>
internal static unsafe class AxisRows
{
    private const int Tile = 16;

    /// <summary>target[o, i, a] = source[o, a, i].</summary>
    internal static void Swap<T>(T* source, T* target, long outer, long axis, long inner)
        where T : unmanaged
    {
        var job = new Job<T> { Source = source, Target = target, Axis = axis, Inner = inner };
        job.ItemInner = Math.Max(Tile, UnaryKernels.Chunk / Math.Max(axis, 1) / Tile * Tile);
        job.Items = (inner + job.ItemInner - 1) / job.ItemInner;
        WorkerPool.Shared.Run(ref job, checked((int)(outer * job.Items)));
    }

    private struct Job<T> : IParallelJob
        where T : unmanaged
    {
        internal T* Source;
        internal T* Target;
        internal long Axis;
        internal long Inner;
        internal long ItemInner;
        internal long Items;

        public readonly void Run(int index)
        {
            long outer = index / Items;
            long first = index % Items * ItemInner;
            long end = Math.Min(Inner, first + ItemInner);
            T* source = Source + (outer * Axis * Inner);
            T* target = Target + (outer * Axis * Inner);
            for (long i0 = first; i0 < end; i0 += Tile)
            {
                long i1 = Math.Min(end, i0 + Tile);
                for (long a0 = 0; a0 < Axis; a0 += Tile)
                {
                    long a1 = Math.Min(Axis, a0 + Tile);
                    for (long i = i0; i < i1; i++)
                    {
                        for (long a = a0; a < a1; a++)
                        {
                            target[(i * Axis) + a] = source[(a * Inner) + i];
                        }
                    }
                }
            }
        }
    }
}
