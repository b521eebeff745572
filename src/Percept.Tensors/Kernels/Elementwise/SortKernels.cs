using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Order within rows: sorting, the k greatest or least.</summary>
/// <remarks>
/// A float and its place make one 64-bit key (the float's bits mapped so that integers order like the numbers, NaN above all,
/// −0 as 0), so that sorting keys is a stable sort of the numbers. Rows are the parallel items' parts and independent.
/// </remarks>
internal static unsafe class SortKernels
{
    /// <summary>The first <paramref name="k"/> of each row in order: values and places.</summary>
    internal static void Select(float* x, float* values, long* places, long rows, int columns, int k, bool descending)
    {
        var job = new Job
        {
            X = x, Values = values, Places = places, Rows = rows, Columns = columns, K = k, Descending = descending,
            ItemRows = RowBlocks.ItemRows(rows, columns),
        };
        WorkerPool.Shared.Run(ref job, k == 0 ? 0 : RowBlocks.Items(rows, job.ItemRows));
    }

    private static ulong Key(float value, int place, bool descending)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value == 0 ? 0f : float.IsNaN(value) ? float.NaN : value) & 0xffffffff;
        bits = float.IsNaN(value) ? uint.MaxValue : (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        return ((ulong)(descending ? ~bits : bits) << 32) | (uint)place;
    }

    /// <summary>The k least keys of a row, sorted, by a heap whose root is the greatest of those kept.</summary>
    private static void SelectRow(float* x, int columns, bool descending, Span<ulong> heap)
    {
        int k = heap.Length;
        for (int i = 0; i < k; i++)
        {
            heap[i] = Key(x[i], i, descending);
        }

        if (k < columns)
        {
            for (int i = (k / 2) - 1; i >= 0; i--)
            {
                SiftDown(heap, i);
            }

            for (int i = k; i < columns; i++)
            {
                ulong key = Key(x[i], i, descending);
                if (key < heap[0])
                {
                    heap[0] = key;
                    SiftDown(heap, 0);
                }
            }
        }

        heap.Sort();
    }

    private static void SiftDown(Span<ulong> heap, int at)
    {
        ulong key = heap[at];
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= heap.Length)
            {
                break;
            }

            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
            {
                child++;
            }

            if (heap[child] <= key)
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = key;
    }

    private struct Job : IParallelJob
    {
        internal float* X;
        internal float* Values;
        internal long* Places;
        internal long Rows;
        internal int Columns;
        internal int K;
        internal bool Descending;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            using ThreadScratch.Lease lease = ThreadScratch.Rent(K * (long)sizeof(ulong));
            var heap = new Span<ulong>(lease.Pointer, K);
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                float* x = X + (r * Columns);
                SelectRow(x, Columns, Descending, heap);
                for (int i = 0; i < K; i++)
                {
                    int place = (int)(uint)heap[i];
                    Values[(r * K) + i] = x[place];
                    Places[(r * K) + i] = place;
                }
            }
        }
    }
}
