using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Kernels.BF16;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// out = softmax(scale·Q·Kᵀ)·V with both products in bfloat16, for queries that see all keys, as in vision towers.
/// </summary>
/// <remarks>
/// Queries, keys, values and the exponentials are rounded to bfloat16; scores, exponentials, their totals and all sums are
/// float32. So a result differs from that of rounded queries, keys and values by at most 2⁻⁸·Σ p·|v|, p being the weights of
/// the softmax. Keys and values of each key head are packed once into panels of <see cref="BF16Micro"/>; an item is a few
/// tiles of 12 queries, which take the keys in blocks with a running maximum and total (online softmax). Every row's
/// arithmetic is the same whatever the tile and the threads.
/// </remarks>
internal static unsafe class AttentionBF16
{
    private const int Columns = BF16Micro.Columns;
    private const int MaxRows = BF16Micro.MaxRows;
    private const int MaxBlockKeys = 512;
    private const int TilesOfItem = 8;
    private const int LeastTokens = 32;

    /// <summary>Whether a problem may and can be computed so.</summary>
    internal static bool Fits(in AttentionProblem problem) =>
        problem.Fast && BF16Micro.Shared is not null && problem.IsPlain && !problem.Causal && problem.Window == 0
        && problem.Sinks == null && problem.KeyLengths == null && problem.LogSum == null && problem.KeyType == DType.F32
        && problem.Queries >= LeastTokens && problem.Keys >= LeastTokens && problem.Width > 0 && problem.ValueWidth > 0;

    /// <summary>Runs a problem that fits.</summary>
    internal static void Run(in AttentionProblem problem)
    {
        var layout = new Layout(problem);
        int keyHeads = checked(problem.Batch * problem.KeyHeads);
        NativeBuffer panels = TensorMemory.Rent(Math.Max(1, layout.HeadElements * keyHeads * sizeof(ushort)));
        try
        {
            var pack = new PackJob { Problem = problem, Layout = layout, Panels = (ushort*)panels.Pointer };
            WorkerPool.Shared.Run(ref pack, keyHeads);
            int tiles = (problem.Queries + MaxRows - 1) / MaxRows;
            int items = (tiles + TilesOfItem - 1) / TilesOfItem;
            var job = new TileJob
            {
                Problem = problem, Layout = layout, Panels = (ushort*)panels.Pointer, Tiles = tiles, Items = items,
                Micro = BF16Micro.Shared!,
            };
            WorkerPool.Shared.Run(ref job, checked(problem.Batch * problem.Heads * items));
        }
        finally
        {
            panels.Release();
        }
    }

    /// <summary>The scalar twin, with one maximum for all keys.</summary>
    internal static void RunScalar(in AttentionProblem problem, int b, int h, int query, float* result)
    {
        float* q = problem.QueryRow(b, h, query);
        double[] weights = new double[problem.Keys];
        double highest = double.NegativeInfinity, total = 0;
        for (int j = 0; j < problem.Keys; j++)
        {
            float* key = (float*)problem.KeyRow(b, h / problem.Group, j);
            for (int i = 0; i < problem.Width; i++)
            {
                weights[j] += (double)Rounded(q[i]) * Rounded(key[i]);
            }

            weights[j] *= problem.Scale;
            highest = Math.Max(highest, weights[j]);
        }

        double[] sums = new double[problem.ValueWidth];
        for (int j = 0; j < problem.Keys; j++)
        {
            double weight = Math.Exp(weights[j] - highest);
            total += weight;
            float* value = (float*)problem.ValueRow(b, h / problem.Group, j);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += (double)Rounded((float)weight) * Rounded(value[i]);
            }
        }

        for (int i = 0; i < sums.Length; i++)
        {
            result[i] = (float)(sums[i] / total);
        }
    }

    private static float Rounded(float value) => BitConverter.UInt32BitsToSingle((uint)BF16Pack.Round(value) << 16);

    /// <summary>Where the panels of a key head lie: for each block of keys, key panels and then value panels.</summary>
    private readonly struct Layout
    {
        internal Layout(in AttentionProblem problem)
        {
            int blocks = (problem.Keys + MaxBlockKeys - 1) / MaxBlockKeys;
            BlockKeys = BF16Pack.Depth((problem.Keys + blocks - 1) / blocks);
            Blocks = (problem.Keys + BlockKeys - 1) / BlockKeys;
            Depth = BF16Pack.Depth(problem.Width);
            ValueColumns = (problem.ValueWidth + Columns - 1) / Columns * Columns;
        }

        internal int BlockKeys { get; }

        internal int Blocks { get; }

        internal int Depth { get; }

        internal int ValueColumns { get; }

        internal long KeyElements => (long)BlockKeys * Depth;

        internal long BlockElements => KeyElements + ((long)BlockKeys * ValueColumns);

        internal long HeadElements => BlockElements * Blocks;
    }

    /// <summary>Rounds and lays out a key head's keys and values.</summary>
    private struct PackJob : IParallelJob
    {
        internal AttentionProblem Problem;
        internal Layout Layout;
        internal ushort* Panels;

        public readonly void Run(int index)
        {
            int b = index / Problem.KeyHeads, head = index % Problem.KeyHeads;
            int width = Math.Max(Layout.Depth, BF16Pack.Depth(Problem.ValueWidth));
            using ThreadScratch.Lease lease = ThreadScratch.Rent(sizeof(ushort) * (long)Layout.BlockKeys * width);
            ushort* rows = (ushort*)lease.Pointer;
            for (int block = 0; block < Layout.Blocks; block++)
            {
                int first = block * Layout.BlockKeys, count = Math.Min(Layout.BlockKeys, Problem.Keys - first);
                ushort* keys = Panels + (index * Layout.HeadElements) + (block * Layout.BlockElements);
                for (int j = 0; j < count; j++)
                {
                    BF16Pack.A(
                        (float*)Problem.KeyRow(b, head, first + j), 0, 1, Problem.Width, rows + ((long)j * Layout.Depth));
                }

                for (int j = 0; j < count; j += Columns)
                {
                    BF16Pack.Transposed(
                        rows + ((long)j * Layout.Depth), Layout.Depth, Math.Min(Columns, count - j), Problem.Width,
                        keys + ((long)j * Layout.Depth));
                }

                int stride = BF16Pack.Depth(Problem.ValueWidth);
                for (int j = 0; j < count; j++)
                {
                    BF16Pack.A(
                        (float*)Problem.ValueRow(b, head, first + j), 0, 1, Problem.ValueWidth, rows + ((long)j * stride));
                }

                BF16Pack.Straight(rows, stride, Problem.ValueWidth, count, keys + Layout.KeyElements);
            }
        }
    }

    /// <summary>A few tiles of queries of one head.</summary>
    private struct TileJob : IParallelJob
    {
        internal BF16Micro Micro;
        internal AttentionProblem Problem;
        internal Layout Layout;
        internal ushort* Panels;
        internal int Tiles;
        internal int Items;

        public readonly void Run(int index)
        {
            int head = index / Items, b = head / Problem.Heads, h = head % Problem.Heads;
            ushort* panels = Panels + (((b * Problem.KeyHeads) + (h / Problem.Group)) * Layout.HeadElements);
            long scores = (long)MaxRows * Layout.BlockKeys, sums = (long)MaxRows * Layout.ValueColumns;
            long elements = (long)MaxRows * (Layout.Depth + Layout.BlockKeys);
            using ThreadScratch.Lease lease = ThreadScratch.Rent(
                (sizeof(float) * (scores + sums + (2 * SoftmaxBF16.StateRows))) + (sizeof(ushort) * elements));
            var tile = new Tile();
            tile.Scores = (float*)lease.Pointer;
            tile.Sums = tile.Scores + scores;
            tile.Highest = tile.Sums + sums;
            tile.Totals = tile.Highest + SoftmaxBF16.StateRows;
            tile.Queries = (ushort*)(tile.Totals + SoftmaxBF16.StateRows);
            tile.Weights = tile.Queries + ((long)MaxRows * Layout.Depth);
            int end = Math.Min(Tiles, ((index % Items) + 1) * TilesOfItem);
            for (int i = index % Items * TilesOfItem; i < end; i++)
            {
                int row = (int)((long)Problem.Queries * i / Tiles);
                RunTile(b, h, row, (int)((long)Problem.Queries * (i + 1) / Tiles) - row, panels, tile);
            }
        }

        private readonly void RunTile(int b, int h, int row, int rows, ushort* panels, in Tile tile)
        {
            BF16Pack.A(Problem.QueryRow(b, h, row), Problem.QTime, rows, Problem.Width, tile.Queries);
            SoftmaxBF16.Begin(tile.Highest, tile.Totals);
            BF16Micro.Arguments arguments = default;
            arguments.Mask0 = 0xFFFF;
            arguments.Mask1 = 0xFFFF;
            for (int block = 0; block < Layout.Blocks; block++, panels += Layout.BlockElements)
            {
                int count = Math.Min(Layout.BlockKeys, Problem.Keys - (block * Layout.BlockKeys));
                arguments.A = (byte*)tile.Queries;
                arguments.Blocks = Layout.Depth / BF16Micro.BlockK;
                arguments.RowBytes = Columns * sizeof(float);
                arguments.Beta = 0;
                for (int j = 0; j < count; j += Columns)
                {
                    arguments.B = (byte*)(panels + ((long)j * Layout.Depth));
                    arguments.C = tile.Scores + (j * rows);
                    Micro.Run(rows, &arguments);
                }

                SoftmaxBF16.Run(
                    tile.Scores, rows, count, Problem.Scale, tile.Weights, tile.Sums, block == 0 ? 0 : Layout.ValueColumns,
                    tile.Highest, tile.Totals);
                arguments.A = (byte*)tile.Weights;
                arguments.Blocks = BF16Pack.Depth(count) / BF16Micro.BlockK;
                arguments.RowBytes = Layout.ValueColumns * sizeof(float);
                arguments.Beta = block == 0 ? 0 : 1;
                for (int j = 0; j < Problem.ValueWidth; j += Columns)
                {
                    arguments.B = (byte*)(panels + Layout.KeyElements + ((long)j * BF16Pack.Depth(count)));
                    arguments.C = tile.Sums + j;
                    Micro.Run(rows, &arguments);
                }
            }

            for (int r = 0; r < rows; r++)
            {
                System.Numerics.Tensors.TensorPrimitives.Multiply(
                    new ReadOnlySpan<float>(tile.Sums + (r * Layout.ValueColumns), Problem.ValueWidth), 1 / tile.Totals[r],
                    new Span<float>(Problem.OutRow(b, h, row + r), Problem.ValueWidth));
            }
        }
    }

    /// <summary>A tile's working memory.</summary>
    private struct Tile
    {
        internal float* Scores;
        internal float* Sums;
        internal float* Highest;
        internal float* Totals;
        internal ushort* Queries;
        internal ushort* Weights;
    }
}
