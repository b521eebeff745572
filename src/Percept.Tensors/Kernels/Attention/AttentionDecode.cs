using System.Numerics.Tensors;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Attention of few queries over many keys, as in decoding: keys and values are read once, where they lie.</summary>
/// <remarks>
/// An item is <see cref="ChunkKeys"/> keys of one key head of one sequence, for all query heads of the group and all
/// queries: products along the rows of keys, exponentials, products along the rows of values, and a maximum, a sum and a
/// row of partial results. The chunks of a query are then merged in their order, so results do not depend on threads.
/// Keys and values may be 16-bit floats: they are widened in registers.
/// </remarks>
internal static unsafe class AttentionDecode
{
    /// <summary>Up to this many query rows to a key head, keys are streamed rather than packed.</summary>
    internal const int MaximumRows = 16;

    private const int ChunkKeys = 256;

    /// <summary>Whether this way is meant for the problem.</summary>
    internal static bool Fits(in AttentionProblem problem) =>
        (long)problem.Queries * problem.Group <= MaximumRows && problem.Keys > 0;

    /// <summary>Runs the whole problem.</summary>
    internal static void Run(in AttentionProblem problem)
    {
        fixed (AttentionProblem* only = &problem)
        {
            Run(only, 1);
        }
    }

    /// <summary>Runs several problems at once: sequences of their own lengths, whose items share the threads.</summary>
    internal static void Run(AttentionProblem* problems, int count)
    {
        using ThreadScratch.Lease lease = ThreadScratch.Rent((count + 1) * 3L * sizeof(long));
        long* firstItem = (long*)lease.Pointer;
        long* firstHead = firstItem + count + 1;
        long* firstFloat = firstHead + count + 1;
        long items = 0, heads = 0, floats = 0;
        bool merges = false;
        for (int i = 0; i < count; i++)
        {
            firstItem[i] = items;
            firstHead[i] = heads;
            firstFloat[i] = floats;
            ref AttentionProblem problem = ref problems[i];
            if (problem.Batch > 0 && problem.Heads > 0 && problem.Queries > 0)
            {
                long own = (long)problem.Batch * problem.KeyHeads;
                int chunks = Chunks(problem);
                items += own * chunks;
                heads += own;
                floats += own * chunks * problem.Queries * problem.Group * (problem.ValueWidth + 2);
                merges |= chunks > 1;
            }
        }

        firstItem[count] = items;
        firstHead[count] = heads;
        if (items == 0)
        {
            return;
        }

        NativeBuffer partial = TensorMemory.Rent(Math.Max(1, floats) * sizeof(float));
        try
        {
            var job = new ChunkJob
            {
                Problems = problems, Count = count, FirstItem = firstItem, FirstFloat = firstFloat, Partial = (float*)partial.Pointer,
            };
            WorkerPool.Shared.Run(ref job, checked((int)items));
            if (merges)
            {
                var merge = new MergeJob
                {
                    Problems = problems, Count = count, FirstHead = firstHead, FirstFloat = firstFloat, Partial = (float*)partial.Pointer,
                };
                WorkerPool.Shared.Run(ref merge, checked((int)heads));
            }
        }
        finally
        {
            partial.Release();
        }
    }

    private static int Chunks(in AttentionProblem problem) => (problem.Keys + ChunkKeys - 1) / ChunkKeys;

    /// <summary>The problem that an item or a head belongs to: the last whose first is not beyond it.</summary>
    private static int Owner(long* firsts, int count, long index)
    {
        int low = 0, high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = firsts[middle] <= index ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The head and query of row r: heads of the group one after the other, each with all queries.</summary>
    private static (int Head, int Query) Row(in AttentionProblem problem, int kvHead, int r) =>
        ((kvHead * problem.Group) + (r / problem.Queries), r % problem.Queries);

    private struct ChunkJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public int Count;
        public long* FirstItem;
        public long* FirstFloat;
        public float* Partial;

        public readonly void Run(int index)
        {
            int owner = Owner(FirstItem, Count, index);
            ref AttentionProblem problem = ref Problems[owner];
            int rows = problem.Queries * problem.Group, stride = problem.ValueWidth + 2, own = (int)(index - FirstItem[owner]);
            var chunk = new Chunk
            {
                Problem = problem, Chunks = Chunks(problem), Rows = rows, Stride = stride, Partial = Partial + FirstFloat[owner],
            };
            chunk.Run(own);
            if (chunk.Chunks == 1)
            {
                // Nothing to wait for: this is the whole of its queries.
                new Merging { Problem = problem, Chunks = 1, Rows = rows, Stride = stride, Partial = chunk.Partial }.Run(own);
            }
        }
    }

    /// <summary>The chunks of one problem.</summary>
    private struct Chunk
    {
        public AttentionProblem Problem;
        public int Chunks;
        public int Rows;
        public int Stride;
        public float* Partial;

        internal readonly void Run(int index)
        {
            switch (Problem.KeyType)
            {
                case DType.F16:
                    Run<F16Weight>(index);
                    break;
                case DType.BF16:
                    Run<BF16Weight>(index);
                    break;
                default:
                    Run<F32Weight>(index);
                    break;
            }
        }

        private readonly void Run<TW>(int index)
            where TW : struct, IWeightElement
        {
            int head = index / Chunks, b = head / Problem.KeyHeads, kvHead = head % Problem.KeyHeads;
            float* partial = Partial + ((long)index * Rows * Stride);
            (int first, int end) = Problem.BlockRange(b, 0, Problem.Queries);
            first = Math.Max(first, index % Chunks * ChunkKeys);
            int count = Math.Min(end, ((index % Chunks) + 1) * ChunkKeys) - first;
            if (count <= 0)
            {
                for (int r = 0; r < Rows; r++)
                {
                    partial[(r * Stride) + Problem.ValueWidth] = float.NegativeInfinity;
                    partial[(r * Stride) + Problem.ValueWidth + 1] = 0;
                }

                return;
            }

            if (Rows == 1)
            {
                One<TW>(b, kvHead, first, count, partial);
                return;
            }

            using ThreadScratch.Lease lease = ThreadScratch.Rent(((long)Rows * (Problem.Width + ChunkKeys)) * sizeof(float));
            float* queries = (float*)lease.Pointer;
            float* scores = queries + ((long)Rows * Problem.Width);
            for (int r = 0; r < Rows; r++)
            {
                (int h, int i) = Row(Problem, kvHead, r);
                new ReadOnlySpan<float>(Problem.QueryRow(b, h, i), Problem.Width)
                    .CopyTo(new Span<float>(queries + ((long)r * Problem.Width), Problem.Width));
            }

            Gemv.Run<TW>(
                Rows, count, Problem.Width, Problem.Scale, Problem.KeyRow(b, kvHead, first), Problem.KTime * Problem.ElementBytes,
                queries, Problem.Width, 0f, scores, ChunkKeys);
            Exponentials(b, kvHead, first, count, scores, partial);
            for (int r = 0; r < Rows; r += Gemv.MaxVectorsTransposed)
            {
                Gemv.RunTransposed<TW>(
                    Math.Min(Gemv.MaxVectorsTransposed, Rows - r), count, Problem.ValueWidth, 1f, Problem.ValueRow(b, kvHead, first),
                    Problem.VTime * Problem.ElementBytes, scores + ((long)r * ChunkKeys), ChunkKeys, 0f,
                    partial + ((long)r * Stride), Stride);
            }
        }

        private readonly void One<TW>(int b, int kvHead, int first, int count, float* partial)
            where TW : struct, IWeightElement
        {
            using ThreadScratch.Lease lease = ThreadScratch.Rent(ChunkKeys * sizeof(float));
            float* scores = (float*)lease.Pointer;
            DecodeKernels.Scores<TW>(
                count, Problem.Width, Problem.Scale, Problem.KeyRow(b, kvHead, first), (nint)(Problem.KTime * Problem.ElementBytes),
                Problem.QueryRow(b, kvHead, 0), scores);
            Exponentials(b, kvHead, first, count, scores, partial);
            DecodeKernels.Values<TW>(
                count, Problem.ValueWidth, Problem.ValueRow(b, kvHead, first), (nint)(Problem.VTime * Problem.ElementBytes), scores,
                partial);
        }

        private readonly void Exponentials(int b, int kvHead, int first, int count, float* scores, float* partial)
        {
            for (int r = 0; r < Rows; r++)
            {
                (int h, int i) = Row(Problem, kvHead, r);
                float* row = scores + ((long)r * ChunkKeys);
                ScoreRows.Modify(Problem, b, h, i, first, count, row);
                float max = ScoreRows.Max(row, count);
                float shift = float.IsNegativeInfinity(max) ? 0 : max;
                partial[((long)r * Stride) + Problem.ValueWidth] = max;

                // Rows have room for whole chunks of 16, which the exponentials may fill up with zeros.
                partial[((long)r * Stride) + Problem.ValueWidth + 1] =
                    ScoreRows.ExpIntoPanel(row, count, shift, row, GemmMicro.Chunk);
            }
        }
    }

    private struct MergeJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public int Count;
        public long* FirstHead;
        public long* FirstFloat;
        public float* Partial;

        public readonly void Run(int index)
        {
            int owner = Owner(FirstHead, Count, index);
            ref AttentionProblem problem = ref Problems[owner];
            int chunks = Chunks(problem);
            if (chunks > 1)
            {
                new Merging
                {
                    Problem = problem, Chunks = chunks, Rows = problem.Queries * problem.Group, Stride = problem.ValueWidth + 2,
                    Partial = Partial + FirstFloat[owner],
                }.Run((int)(index - FirstHead[owner]));
            }
        }
    }

    /// <summary>Merges the chunks of a key head's queries.</summary>
    private struct Merging
    {
        public AttentionProblem Problem;
        public int Chunks;
        public int Rows;
        public int Stride;
        public float* Partial;

        internal readonly void Run(int head)
        {
            int b = head / Problem.KeyHeads, kvHead = head % Problem.KeyHeads;
            float* partials = Partial + ((long)head * Chunks * Rows * Stride);
            for (int r = 0; r < Rows; r++)
            {
                (int h, int i) = Row(Problem, kvHead, r);
                Merge(partials + ((long)r * Stride), b, h, i);
            }
        }

        private readonly void Merge(float* partial, int b, int h, int i)
        {
            int width = Problem.ValueWidth;
            float highest = Problem.Sinks == null ? float.NegativeInfinity : Problem.Sinks[h];
            for (int c = 0; c < Chunks; c++)
            {
                highest = Math.Max(highest, partial[((long)c * Rows * Stride) + width]);
            }

            float shift = float.IsNegativeInfinity(highest) ? 0 : highest;
            float total = Problem.Sinks == null ? 0 : MathF.Exp(Problem.Sinks[h] - shift);
            var target = new Span<float>(Problem.OutRow(b, h, i), width);
            target.Clear();
            for (int c = 0; c < Chunks; c++)
            {
                float* part = partial + ((long)c * Rows * Stride);
                float keep = MathF.Exp(part[width] - shift);
                if (keep != 0)
                {
                    total += keep * part[width + 1];
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(part, width), keep, target, target);
                }
            }

            if (total != 0)
            {
                TensorPrimitives.Divide(target, total, target);
            }

            if (Problem.LogSum != null)
            {
                Problem.SaveLogSum(b, h, i, highest, total);
            }
        }
    }
}
