using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>How a product is cut: slabs of k, groups of columns, ranges of rows.</summary>
/// <remarks>Only <see cref="Slab"/> and <see cref="Joins"/> decide the order of summation; they do not depend on the number of threads.</remarks>
internal readonly unsafe struct GemmPlan
{
    /// <summary>Multiply-adds below which a piece of work is not worth another thread.</summary>
    internal const double WorkOfItem = 256 * 1024;

    private const int ItemsOfThread = 8;
    private const int RowsOfItem = 1032;

    /// <summary>Panels of A from which on B is packed anyway.</summary>
    private const int PanelsWorthJoining = 8;

    /// <summary>Up to so many panels of B, an item is one: where items are few, the thread that ends first waits for a whole one.</summary>
    private const int NarrowPanels = 32;

    private GemmPlan(int m, int n, int k, in GemmSource b, int more)
    {
        int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
        N = n;
        int granule = b.Align > 1 ? 256 : GemmMicro.Chunk;
        int slabs = (k + GemmF32.SlabK - 1) / GemmF32.SlabK;
        Slab = RoundUp((k + slabs - 1) / slabs, granule);

        double work = (double)m * n * k;
        int worthwhile = (int)Math.Clamp(work / WorkOfItem, 1, 4096);
        int threads = WorkerPool.Available;
        int wanted = threads == 1 ? 1 : Math.Min(worthwhile, threads * ItemsOfThread);
        bool blocks = b.Align > 1 && !b.Transposed;
        int group = blocks ? 256 : !b.Transposed ? 4 * nr : n > NarrowPanels * nr ? 2 * nr : nr;
        if (worthwhile == 1 && (long)n * Slab <= 128 * 1024)
        {
            group = RoundUp(n, nr);
        }

        GroupN = group;
        int groups = (n + group - 1) / group;
        SharedA = groups > 1;
        int blocksM = SharedA ? (m + GemmF32.BlockM - 1) / GemmF32.BlockM : 1;
        BlockRows = RoundUp((m + blocksM - 1) / blocksM, mr);
        Panels = BlockRows / mr;

        int chunks = Math.Max((BlockRows + RowsOfItem - 1) / RowsOfItem, Math.Max(1, wanted / groups));
        chunks = Math.Min(chunks, (BlockRows + (4 * mr) - 1) / (4 * mr));
        ChunkRows = RoundUp((BlockRows + chunks - 1) / chunks, mr);
        Chunks = (BlockRows + ChunkRows - 1) / ChunkRows;
        Items = groups * Chunks;

        // A few further k cost little where they follow the last slab's in its panels, and a whole pass over C on their own. Whether they do must
        // not hang on the number of threads.
        Joins = SharedA && m > PanelsWorthJoining * mr && more is > 0 and <= GemmAddend.MostJoined && k % GemmMicro.Chunk == 0;
        DirectB = !Joins && b.Decode is null && !b.Transposed && ChunkRows <= 4 * mr;
    }

    /// <summary>Columns of C.</summary>
    internal int N { get; }

    /// <summary>k of a slab; a multiple of 16, or of 256 for block formats.</summary>
    internal int Slab { get; }

    /// <summary>Rows of the part of A packed at a time, in whole panels.</summary>
    internal int BlockRows { get; }

    /// <summary>Panels of the part of A packed at a time.</summary>
    internal int Panels { get; }

    /// <summary>Whether A is packed for all threads before the product, rather than by each item.</summary>
    internal bool SharedA { get; }

    /// <summary>Columns of an item.</summary>
    internal int GroupN { get; }

    /// <summary>Rows of an item, in whole panels.</summary>
    internal int ChunkRows { get; }

    /// <summary>Row ranges of a block.</summary>
    internal int Chunks { get; }

    /// <summary>Items of a block: column groups × row ranges.</summary>
    internal int Items { get; }

    /// <summary>Whether full panels of B are read in place: too few rows use them to pay for a copy.</summary>
    internal bool DirectB { get; }

    /// <summary>Whether the k of a further product follow those of the last slab.</summary>
    internal bool Joins { get; }

    /// <summary>Cuts a product; <paramref name="more"/> are the k of a further one that is added, 0 for none.</summary>
    internal static GemmPlan Create(int m, int n, int k, in GemmSource b, int more = 0) => new(m, n, k, b, more);

    private static int RoundUp(int value, int granule) => (value + granule - 1) / granule * granule;
}
