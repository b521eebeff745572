using System.Numerics.Tensors;
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
/// heads of a group. An item is a block of queries of one head: for <see cref="KeyBlock"/> keys at a time it multiplies tiles of
/// Mr queries with the key panels, turns scores into exponentials written straight into A panels, and multiplies these with
/// the value panels, with a running maximum and sum (online softmax). Keys that no query of a tile sees are skipped. Every
/// row's arithmetic is the same whatever the threads. A query that sees no key gets zeros.
/// </remarks>
internal static unsafe class AttentionForward
{
    /// <summary>Keys whose scores are held at a time: 12 rows of scores and of exponentials fit the first-level cache.</summary>
    internal const int KeyBlock = 256;

    /// <summary>Tiles of queries in one item.</summary>
    private const int TilesOfItem = 4;

    /// <summary>Runs the whole problem.</summary>
    internal static void Run(in AttentionProblem problem)
    {
        if (problem.Batch == 0 || problem.Heads == 0 || problem.Queries == 0)
        {
            return;
        }

        var layout = new Layout(problem);
        NativeBuffer panels = TensorMemory.Rent(Math.Max(1, layout.Floats * problem.Batch * problem.KeyHeads) * sizeof(float));
        try
        {
            var pack = new PackJob { Problem = problem, Layout = layout, Panels = (float*)panels.Pointer };
            WorkerPool.Shared.Run(ref pack, checked(problem.Batch * problem.KeyHeads * layout.Blocks));
            int rows = GemmMicro.Mr * TilesOfItem;
            int items = (problem.Queries + rows - 1) / rows;
            var job = new Job { Problem = problem, Layout = layout, Panels = (float*)panels.Pointer, Items = items, Rows = rows };
            WorkerPool.Shared.Run(ref job, checked(problem.Batch * problem.Heads * items));
        }
        finally
        {
            panels.Release();
        }
    }

    /// <summary>Where the panels of one key head lie: for each block of keys, key panels and then value panels.</summary>
    internal readonly struct Layout
    {
        internal Layout(in AttentionProblem problem)
        {
            Blocks = (problem.Keys + KeyBlock - 1) / KeyBlock;
            KeyFloats = (long)KeyBlock * problem.Width;
            int columns = (problem.ValueWidth + GemmMicro.Nr - 1) / GemmMicro.Nr * GemmMicro.Nr;
            BlockFloats = KeyFloats + ((long)KeyBlock * columns);
            Floats = BlockFloats * Blocks;
        }

        internal int Blocks { get; }

        internal long KeyFloats { get; }

        internal long BlockFloats { get; }

        internal long Floats { get; }
    }

    /// <summary>Packs a block of keys and values; an item is a block of a key head of a sequence.</summary>
    private struct PackJob : IParallelJob
    {
        public AttentionProblem Problem;
        public Layout Layout;
        public float* Panels;

        public readonly void Run(int index)
        {
            int block = index % Layout.Blocks, head = index / Layout.Blocks;
            int b = head / Problem.KeyHeads, kvHead = head % Problem.KeyHeads;
            int first = block * KeyBlock, count = Math.Min(KeyBlock, Problem.KeyLength(b) - first);
            if (count <= 0)
            {
                return;
            }

            float* panels = Panels + (head * Layout.Floats) + (block * Layout.BlockFloats);
            GemmPack.B(Source(Problem.KeyRow(b, kvHead, first), Problem.KTime, true), 0, 0, Problem.Width, count, panels);
            GemmPack.B(
                Source(Problem.ValueRow(b, kvHead, first), Problem.VTime, false), 0, 0, count, Problem.ValueWidth,
                panels + Layout.KeyFloats);
        }

        private readonly GemmSource Source(byte* data, long stride, bool transposed) => Problem.KeyType switch
        {
            DType.F16 => GemmSource.F16(data, stride, transposed),
            DType.BF16 => GemmSource.BF16(data, stride, transposed),
            _ => GemmSource.F32((float*)data, stride, transposed),
        };
    }

    /// <summary>A block of queries of one head.</summary>
    private struct Job : IParallelJob
    {
        public AttentionProblem Problem;
        public Layout Layout;
        public float* Panels;
        public int Items;
        public int Rows;

        public readonly void Run(int index)
        {
            // Later blocks see more keys when causal: they come first, so that the last items are the short ones.
            int item = Items - 1 - (index % Items), head = index / Items;
            int b = head / Problem.Heads, h = head % Problem.Heads;
            float* panels = Panels + (((b * Problem.KeyHeads) + (h / Problem.Group)) * Layout.Floats);
            int mr = GemmMicro.Mr, columns = (Problem.ValueWidth + GemmMicro.Nr - 1) / GemmMicro.Nr * GemmMicro.Nr;
            long queryFloats = GemmMicro.PanelA(Problem.Width);
            using ThreadScratch.Lease lease = ThreadScratch.Rent(
                (queryFloats + (2L * mr * KeyBlock) + ((long)mr * columns)) * sizeof(float));
            float* queries = (float*)lease.Pointer;
            float* scores = queries + queryFloats;
            float* weights = scores + (mr * KeyBlock);
            float* sums = weights + (mr * KeyBlock);
            int end = Math.Min(Problem.Queries, (item + 1) * Rows);
            for (int i = item * Rows; i < end; i += mr)
            {
                Tile(b, h, i, Math.Min(mr, end - i), panels, queries, scores, weights, sums, columns);
            }
        }

        private readonly void Tile(
            int b, int h, int i0, int rows, float* panels, float* queries, float* scores, float* weights, float* sums, int columns)
        {
            GemmPack.A(Problem.QueryRow(b, h, i0), Problem.QTime, false, rows, Problem.Width, Problem.Scale, queries);
            float* highest = stackalloc float[GemmMicro.MaxMr];
            float* total = stackalloc float[GemmMicro.MaxMr];
            for (int r = 0; r < rows; r++)
            {
                highest[r] = Problem.Sinks == null ? float.NegativeInfinity : Problem.Sinks[h];
                total[r] = Problem.Sinks == null ? 0 : 1;
            }

            (int first, int end) = Problem.BlockRange(b, i0, i0 + rows);
            bool begun = false;
            for (int block = first / KeyBlock; block * KeyBlock < end; block++)
            {
                // Whole panels: keys before the first that is seen are computed and hidden.
                int skipped = block == first / KeyBlock ? (first % KeyBlock) / GemmMicro.Nr * GemmMicro.Nr : 0;
                int j0 = (block * KeyBlock) + skipped, count = Math.Min((block + 1) * KeyBlock, end) - j0;
                float* keys = panels + (block * Layout.BlockFloats) + ((long)skipped * Problem.Width);
                for (int j = 0; j < count; j += GemmMicro.Nr)
                {
                    GemmMicro.Run(
                        Problem.Width, queries, keys + ((long)j * Problem.Width), scores + j, KeyBlock, rows,
                        Math.Min(GemmMicro.Nr, count - j), false);
                }

                Softmax(b, h, i0, rows, j0, count, scores, weights, sums, columns, highest, total, begun);
                int blockKeys = Math.Min(KeyBlock, Problem.KeyLength(b) - (block * KeyBlock));
                float* values = panels + (block * Layout.BlockFloats) + Layout.KeyFloats + ((long)skipped * GemmMicro.Nr);
                for (int j = 0; j < Problem.ValueWidth; j += GemmMicro.Nr)
                {
                    // The sums have whole tiles of columns, so that no tile needs its edge cut.
                    GemmMicro.Run(
                        count, weights, values + ((long)j * blockKeys), sums + j, columns, rows, GemmMicro.Nr, begun);
                }

                begun = true;
            }

            Write(b, h, i0, rows, sums, columns, highest, total, begun);
        }

        private readonly void Softmax(
            int b, int h, int i0, int rows, int j0, int count, float* scores, float* weights, float* sums, int columns,
            float* highest, float* total, bool begun)
        {
            for (int r = 0; r < rows; r++)
            {
                float* row = scores + (r * KeyBlock);
                ScoreRows.Modify(Problem, b, h, i0 + r, j0, count, row);
                float max = Math.Max(highest[r], ScoreRows.Max(row, count));

                // A row without any visible key so far has −∞: shifted by 0, its exponentials are zeros.
                float shift = float.IsNegativeInfinity(max) ? 0 : max;
                float keep = highest[r] == max ? 1 : MathF.Exp(highest[r] - shift);
                float sum = ScoreRows.ExpIntoPanel(
                    row, count, shift, weights + (r * GemmMicro.Chunk), GemmMicro.Mr * GemmMicro.Chunk);
                total[r] = (total[r] * keep) + sum;
                highest[r] = max;
                if (begun && keep != 1)
                {
                    var old = new Span<float>(sums + (r * columns), columns);
                    TensorPrimitives.Multiply(old, keep, old);
                }
            }
        }

        private readonly void Write(
            int b, int h, int i0, int rows, float* sums, int columns, float* highest, float* total, bool begun)
        {
            for (int r = 0; r < rows; r++)
            {
                var target = new Span<float>(Problem.OutRow(b, h, i0 + r), Problem.ValueWidth);
                if (begun && total[r] != 0)
                {
                    TensorPrimitives.Divide(new ReadOnlySpan<float>(sums + (r * columns), target.Length), total[r], target);
                }
                else
                {
                    target.Clear();
                }

                if (Problem.LogSum != null)
                {
                    Problem.LogSum[((((long)b * Problem.Heads) + h) * Problem.Queries) + i0 + r] =
                        total[r] == 0 ? float.NegativeInfinity : highest[r] + MathF.Log(total[r]);
                }
            }
        }
    }
}
