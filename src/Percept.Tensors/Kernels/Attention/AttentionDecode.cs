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
        if (problem.Batch == 0 || problem.Heads == 0 || problem.Queries == 0)
        {
            return;
        }

        int chunks = (problem.Keys + ChunkKeys - 1) / ChunkKeys;
        int rows = problem.Queries * problem.Group;
        long items = (long)problem.Batch * problem.KeyHeads * chunks;
        int stride = problem.ValueWidth + 2;
        NativeBuffer partial = TensorMemory.Rent(Math.Max(1, items * rows * stride) * sizeof(float));
        try
        {
            var job = new ChunkJob
            {
                Problem = problem, Chunks = chunks, Rows = rows, Stride = stride, Partial = (float*)partial.Pointer,
            };
            WorkerPool.Shared.Run(ref job, checked((int)items));
            var merge = new MergeJob
            {
                Problem = problem, Chunks = chunks, Rows = rows, Stride = stride, Partial = (float*)partial.Pointer,
            };
            WorkerPool.Shared.Run(ref merge, problem.Batch * problem.KeyHeads);
        }
        finally
        {
            partial.Release();
        }
    }

    /// <summary>The head and query of row r: heads of the group one after the other, each with all queries.</summary>
    private static (int Head, int Query) Row(in AttentionProblem problem, int kvHead, int r) =>
        ((kvHead * problem.Group) + (r / problem.Queries), r % problem.Queries);

    private struct ChunkJob : IParallelJob
    {
        public AttentionProblem Problem;
        public int Chunks;
        public int Rows;
        public int Stride;
        public float* Partial;

        public readonly void Run(int index)
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
        public AttentionProblem Problem;
        public int Chunks;
        public int Rows;
        public int Stride;
        public float* Partial;

        public readonly void Run(int head)
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
