using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// out = softmax(scale·Q·Kᵀ + …)·V for many queries, block by block: scores of a few queries and some keys stay in the
/// first-level cache, so no matrix of all scores exists.
/// </summary>
/// <remarks>
/// Keys (transposed) and values are packed once for a key head into the panels of <see cref="GemmMicro"/>, shared by the query
/// heads of a group. For <see cref="BlockKeys"/> keys at a time, tiles of Mr queries are multiplied with the key panels, scores
/// become exponentials written straight into A panels, and these are multiplied with the value panels, with a running
/// maximum and sum (online softmax). <see cref="TilesOfGroup"/> tiles take turns at a block, so that long panels come from
/// outer caches once for all of them. Keys that no query of a tile sees are skipped. Where there are many heads an item is a
/// key head, whose panels stay in the thread's own cache, but for the last heads, which are cut into groups of tiles so that
/// threads end together; else panels are shared and an item is a group of tiles. Every row's
/// arithmetic is the same either way and whatever the threads. A query that sees no key gets zeros.
/// </remarks>
internal static unsafe class AttentionForward
{
    /// <summary>
    /// The most keys whose scores are held at a time: their tile takes most of the first-level cache (640 keys of
    /// 32 KiB, 960 of 48), for the fixed costs of a block are to be few, and panels stream past it.
    /// </summary>
    private static readonly int s_maxBlockKeys =
        CpuFeatures.FirstLevelBytes * 15 / 16 / (GemmMicro.MaxMr * sizeof(float)) / GemmMicro.MaxNr * GemmMicro.MaxNr;

    /// <summary>Tiles of queries that take turns at a block of keys.</summary>
    private const int TilesOfGroup = 8;

    /// <summary>Runs the whole problem.</summary>
    internal static void Run(in AttentionProblem problem)
    {
        if (problem.Batch == 0 || problem.Heads == 0 || problem.Queries == 0)
        {
            return;
        }

        var layout = new Layout(problem);
        int keyHeads = checked(problem.Batch * problem.KeyHeads);
        int threads = WorkerPool.Available;
        if (threads == 1)
        {
            var all = new HeadJob { Problem = problem, Layout = layout, Heads = keyHeads, Threads = 1 };
            WorkerPool.Shared.Run(ref all, keyHeads);
            return;
        }

        // The heads whose panels threads share: all, or the last ones, whose groups fill the time in which threads wait for each other.
        bool own = keyHeads >= 4 * threads;
        int shared = own ? threads : keyHeads, whole = keyHeads - shared;
        int rows = GemmMicro.Mr * TilesOfGroup, items = (problem.Queries + rows - 1) / rows;
        NativeBuffer memory = TensorMemory.Rent((shared * sizeof(long)) + (Math.Max(1, layout.Floats * shared) * sizeof(float)));
        try
        {
            float* panels = (float*)memory.Pointer;
            long* packed = (long*)(panels + (layout.Floats * shared));
            var groups = new GroupJob
            {
                Problem = problem, Layout = layout, Panels = panels - (whole * layout.Floats), Items = items,
            };
            if (own)
            {
                new Span<long>(packed, shared).Clear();
                var heads = new HeadJob { Problem = problem, Layout = layout, Heads = whole, Threads = threads };
                var job = new HeadsJob { Whole = heads, Groups = groups, Shared = shared, Panels = panels, Packed = packed };
                WorkerPool.Shared.Run(ref job, checked(shared + whole + (shared * problem.Group * items)));
                return;
            }

            var pack = new PackJob { Problem = problem, Layout = layout, Panels = panels };
            WorkerPool.Shared.Run(ref pack, checked(keyHeads * layout.Blocks));
            WorkerPool.Shared.Run(ref groups, checked(problem.Batch * problem.Heads * items));
        }
        finally
        {
            memory.Release();
        }
    }

    /// <summary>Runs several problems of one batch and the same heads: all key heads of all of them side by side, where these are many.</summary>
    internal static void Run(AttentionProblem* problems, int count)
    {
        int keyHeads = count == 0 ? 0 : problems->KeyHeads, threads = WorkerPool.Available;
        if (threads > 1 && count * keyHeads < 4 * threads)
        {
            for (int i = 0; i < count; i++)
            {
                Run(problems[i]);
            }

            return;
        }

        var job = new ProblemsJob { Problems = problems, KeyHeads = keyHeads };
        WorkerPool.Shared.Run(ref job, checked(count * keyHeads));
    }

    /// <summary>Keys to a block: whole panels, and blocks alike, so that none is too short for its fixed costs.</summary>
    internal static int BlockKeys(int keys)
    {
        int blocks = Math.Max(1, (keys + s_maxBlockKeys - 1) / s_maxBlockKeys);
        return Math.Max(1, (keys + (blocks * GemmMicro.MaxNr) - 1) / (blocks * GemmMicro.MaxNr)) * GemmMicro.MaxNr;
    }

    /// <summary>Where the panels of one key head lie: for each block of keys, key panels and then value panels.</summary>
    internal readonly struct Layout
    {
        internal Layout(in AttentionProblem problem)
        {
            BlockKeys = AttentionForward.BlockKeys(problem.Keys);
            Blocks = (problem.Keys + BlockKeys - 1) / BlockKeys;
            KeyFloats = (long)BlockKeys * problem.Width;
            int columns = (problem.ValueWidth + GemmMicro.Nr - 1) / GemmMicro.Nr * GemmMicro.Nr;
            BlockFloats = KeyFloats + ((long)BlockKeys * columns);
            Floats = BlockFloats * Blocks;
        }

        internal int BlockKeys { get; }

        internal int Blocks { get; }

        internal long KeyFloats { get; }

        internal long BlockFloats { get; }

        internal long Floats { get; }
    }

    private static void Pack(in AttentionProblem problem, in Layout layout, int b, int kvHead, float* panels)
    {
        for (int block = 0; block < layout.Blocks; block++)
        {
            Pack(problem, layout, b, kvHead, block, panels + (block * layout.BlockFloats));
        }
    }

    private static void Pack(in AttentionProblem problem, in Layout layout, int b, int kvHead, int block, float* panels)
    {
        int first = block * layout.BlockKeys, count = Math.Min(layout.BlockKeys, problem.KeyLength(b) - first);
        if (count > 0)
        {
            GemmPack.B(
                Source(problem, problem.KeyRow(b, kvHead, first), problem.KTime, true), 0, 0, problem.Width, count, panels);
            GemmPack.B(
                Source(problem, problem.ValueRow(b, kvHead, first), problem.VTime, false), 0, 0, count, problem.ValueWidth,
                panels + layout.KeyFloats);
        }
    }

    private static GemmSource Source(in AttentionProblem problem, byte* data, long stride, bool transposed) =>
        problem.KeyType switch
        {
            DType.F16 => GemmSource.F16(data, stride, transposed),
            DType.BF16 => GemmSource.BF16(data, stride, transposed),
            _ => GemmSource.F32((float*)data, stride, transposed),
        };

    /// <summary>A block of keys and values of a key head.</summary>
    private struct PackJob : IParallelJob
    {
        public AttentionProblem Problem;
        public Layout Layout;
        public float* Panels;

        public readonly void Run(int index)
        {
            int block = index % Layout.Blocks, head = index / Layout.Blocks;
            Pack(
                Problem, Layout, head / Problem.KeyHeads, head % Problem.KeyHeads, block,
                Panels + (head * Layout.Floats) + (block * Layout.BlockFloats));
        }
    }

    /// <summary>A group of tiles of one query head.</summary>
    private struct GroupJob : IParallelJob
    {
        public AttentionProblem Problem;
        public Layout Layout;
        public float* Panels;
        public int Items;

        public readonly void Run(int index)
        {
            // Later groups see more keys when causal: they come first, so that the last items are the short ones.
            int item = Items - 1 - (index % Items), head = index / Items;
            int b = head / Problem.Heads, h = head % Problem.Heads;
            float* panels = Panels + (((b * Problem.KeyHeads) + (h / Problem.Group)) * Layout.Floats);
            var tiles = new AttentionTiles(Problem, Layout, b, h, panels);
            using ThreadScratch.Lease lease = ThreadScratch.Rent(AttentionTiles.ScratchFloats(Problem, TilesOfGroup) * sizeof(float));
            int rows = GemmMicro.Mr * TilesOfGroup;
            tiles.Run(item * rows, Math.Min(Problem.Queries, (item + 1) * rows), (float*)lease.Pointer);
        }
    }

    /// <summary>
    /// In this order: the packing of the heads that are shared, whole heads, the groups of the shared heads. Items are begun in
    /// order, so what a group waits for has long been begun, by this thread or another.
    /// </summary>
    private struct HeadsJob : IParallelJob
    {
        public HeadJob Whole;
        public GroupJob Groups;
        public int Shared;
        public float* Panels;

        /// <summary>For each shared head, whether its panels are packed.</summary>
        public long* Packed;

        public readonly void Run(int index)
        {
            AttentionProblem problem = Groups.Problem;
            if (index < Shared)
            {
                int head = Whole.Heads + index;
                try
                {
                    AttentionForward.Pack(
                        problem, Groups.Layout, head / problem.KeyHeads, head % problem.KeyHeads, Panels + (index * Groups.Layout.Floats));
                }
                finally
                {
                    Volatile.Write(ref Packed[index], 1);
                }
            }
            else if (index < Shared + Whole.Heads)
            {
                Whole.Run(index - Shared);
            }
            else
            {
                int group = index - Shared - Whole.Heads;
                SpinWait wait = default;
                while (Volatile.Read(ref Packed[group / (problem.Group * Groups.Items)]) == 0)
                {
                    wait.SpinOnce();
                }

                Groups.Run((Whole.Heads * problem.Group * Groups.Items) + group);
            }
        }
    }

    /// <summary>A key head of one of several problems.</summary>
    private struct ProblemsJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public int KeyHeads;

        public readonly void Run(int index)
        {
            AttentionProblem* problem = Problems + (index / KeyHeads);
            new HeadJob { Problem = *problem, Layout = new Layout(*problem) }.Run(index % KeyHeads);
        }
    }

    /// <summary>A key head with all its query heads.</summary>
    private struct HeadJob : IParallelJob
    {
        public AttentionProblem Problem;
        public Layout Layout;

        /// <summary>How many heads are items; 0 where a head is on its own.</summary>
        public int Heads;

        /// <summary>How many heads are worked on at a time: the head so many later is this thread's next.</summary>
        public int Threads;

        public readonly void Run(int index)
        {
            int b = index / Problem.KeyHeads, kvHead = index % Problem.KeyHeads;
            using ThreadScratch.Lease panelLease = ThreadScratch.Rent(Layout.Floats * sizeof(float));
            using ThreadScratch.Lease lease = ThreadScratch.Rent(AttentionTiles.ScratchFloats(Problem, TilesOfGroup) * sizeof(float));
            float* panels = (float*)panelLease.Pointer;
            AttentionForward.Pack(Problem, Layout, b, kvHead, panels);
            int rows = GemmMicro.Mr * TilesOfGroup, asked = 0, keysOfGroup = 0;
            int next = index + Threads, groups = Problem.Group * ((Problem.Queries + rows - 1) / rows);
            if (next < Heads)
            {
                keysOfGroup = (Problem.KeyLength(next / Problem.KeyHeads) + groups - 1) / groups;
            }

            for (int h = kvHead * Problem.Group; h < (kvHead + 1) * Problem.Group; h++)
            {
                var tiles = new AttentionTiles(Problem, Layout, b, h, panels);
                for (int i = 0; i < Problem.Queries; i += rows)
                {
                    AskForKeys(next, asked, keysOfGroup);
                    asked += keysOfGroup;
                    tiles.Run(i, Math.Min(Problem.Queries, i + rows), (float*)lease.Pointer);
                }
            }
        }

        /// <summary>Asks for some keys and values of the thread's next head, which are then packed without waiting for memory.</summary>
        private readonly void AskForKeys(int index, int first, int count)
        {
            int b = index / Problem.KeyHeads, kvHead = index % Problem.KeyHeads;
            int end = count == 0 ? 0 : Math.Min(first + count, Problem.KeyLength(b));
            for (int j = first; j < end; j++)
            {
                AttentionTiles.Ask(Problem.KeyRow(b, kvHead, j), Problem.Width * Problem.ElementBytes);
                AttentionTiles.Ask(Problem.ValueRow(b, kvHead, j), Problem.ValueWidth * Problem.ElementBytes);
            }
        }
    }
}
