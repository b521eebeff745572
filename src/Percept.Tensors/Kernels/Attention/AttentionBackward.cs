using System.Numerics.Tensors;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// The gradients of attention by queries, keys, values, bias and sinks: scores are computed again, block by block, from the
/// saved log-sum of each query.
/// </summary>
/// <remarks>
/// With P = exp(S − logSum), dP = dO·Vᵀ and δ = Σ dO·O: dS = P·(dP − δ), dV = Pᵀ·dO, dQ = scale·dS·K, dK = scale·dSᵀ·Q. An item
/// is one query head of one sequence, or all that share one slice of a bias that wants a gradient; it goes through blocks of
/// <see cref="QueryBlock"/> × <see cref="KeyBlock"/> in a fixed order. Keys' and values' gradients are made for each query head
/// and summed over the group by the caller. Keys and values are float32 here.
/// </remarks>
internal static unsafe class AttentionBackward
{
    private const int QueryBlock = 192;
    private const int KeyBlock = 512;

    /// <summary>Where gradients go; each has the layout of its tensor, keys and values that of [B, H, Tk, D]. Null for none.</summary>
    internal struct Targets
    {
        public float* OutGradient;
        public float* Q;
        public float* K;
        public float* V;
        public float* Bias;
        public float* Sinks;

        /// <summary>[B, H]: partial sums for the sinks.</summary>
        public double* SinkParts;
    }

    /// <summary>Runs the whole problem. The targets begin as zeros.</summary>
    internal static void Run(in AttentionProblem problem, in Targets targets)
    {
        bool sharedBatch = targets.Bias != null && problem.BiasBatch == 0, sharedHead = targets.Bias != null && problem.BiasHead == 0;
        var job = new Job
        {
            Problem = problem,
            Targets = targets,
            BatchesOfItem = sharedBatch ? problem.Batch : 1,
            HeadsOfItem = sharedHead ? problem.Heads : 1,
        };
        WorkerPool.Shared.Run(ref job, problem.Batch / Math.Max(1, job.BatchesOfItem) * (problem.Heads / Math.Max(1, job.HeadsOfItem)));
        for (int h = 0; targets.Sinks != null && h < problem.Heads; h++)
        {
            double sum = 0;
            for (int b = 0; b < problem.Batch; b++)
            {
                sum += targets.SinkParts[(b * problem.Heads) + h];
            }

            targets.Sinks[h] = (float)sum;
        }
    }

    private struct Job : IParallelJob
    {
        public AttentionProblem Problem;
        public Targets Targets;
        public int BatchesOfItem;
        public int HeadsOfItem;

        public readonly void Run(int index)
        {
            int groups = Problem.Heads / HeadsOfItem;
            int b0 = index / groups * BatchesOfItem, h0 = index % groups * HeadsOfItem;
            for (int b = b0; b < b0 + BatchesOfItem; b++)
            {
                for (int h = h0; h < h0 + HeadsOfItem; h++)
                {
                    Head(b, h);
                }
            }
        }

        private readonly void Head(int b, int h)
        {
            int block = QueryBlock * KeyBlock;
            using ThreadScratch.Lease lease = ThreadScratch.Rent(((3L * block) + QueryBlock) * sizeof(float));
            float* scores = (float*)lease.Pointer;
            float* slopes = scores + block;
            float* caps = slopes + block;
            float* deltas = caps + block;
            double sink = 0;
            for (int i0 = 0; i0 < Problem.Queries; i0 += QueryBlock)
            {
                int rows = Math.Min(QueryBlock, Problem.Queries - i0);
                sink += Deltas(b, h, i0, rows, deltas);
                (int first, int end) = Problem.BlockRange(b, i0, i0 + rows);
                for (int j0 = first; j0 < end; j0 += KeyBlock)
                {
                    Block(b, h, i0, rows, j0, Math.Min(KeyBlock, end - j0), scores, slopes, caps, deltas);
                }
            }

            if (Targets.SinkParts != null)
            {
                Targets.SinkParts[(b * Problem.Heads) + h] = sink;
            }
        }

        /// <summary>δ of each query, and the sink's share of the gradient.</summary>
        private readonly double Deltas(int b, int h, int i0, int rows, float* deltas)
        {
            double sink = 0;
            for (int r = 0; r < rows; r++)
            {
                var gradient = new ReadOnlySpan<float>(OutGradient(b, h, i0 + r), Problem.ValueWidth);
                deltas[r] = TensorPrimitives.Dot(gradient, new ReadOnlySpan<float>(Problem.OutRow(b, h, i0 + r), Problem.ValueWidth));
                if (Problem.Sinks != null)
                {
                    sink -= Math.Exp(Problem.Sinks[h] - LogSum(b, h, i0 + r)) * deltas[r];
                }
            }

            return sink;
        }

        private readonly void Block(
            int b, int h, int i0, int rows, int j0, int count, float* scores, float* slopes, float* caps, float* deltas)
        {
            int kvHead = h / Problem.Group, width = Problem.Width, valueWidth = Problem.ValueWidth;
            float* q = Problem.QueryRow(b, h, i0), k = (float*)Problem.KeyRow(b, kvHead, j0), v = (float*)Problem.ValueRow(b, kvHead, j0);
            float* gradient = OutGradient(b, h, i0);
            GemmF32.Run(
                rows, count, width, Problem.Scale, q, Problem.QTime, false, k, Problem.KTime, true, 0f, scores, KeyBlock);
            GemmF32.Run(
                rows, count, valueWidth, 1f, gradient, Problem.OutTime, false, v, Problem.VTime, true, 0f, slopes, KeyBlock);
            for (int r = 0; r < rows; r++)
            {
                float* row = scores + ((long)r * KeyBlock);
                if (Problem.SoftCap != 0)
                {
                    ScoreRows.CapSlopes(row, count, Problem.SoftCap, caps + ((long)r * KeyBlock));
                }

                ScoreRows.Modify(Problem, b, h, i0 + r, j0, count, row);
                ScoreRows.Gradient(row, slopes + ((long)r * KeyBlock), count, LogSum(b, h, i0 + r), deltas[r]);
                AddBias(b, h, i0 + r, j0, count, slopes + ((long)r * KeyBlock));
                if (Problem.SoftCap != 0)
                {
                    var slope = new Span<float>(slopes + ((long)r * KeyBlock), count);
                    TensorPrimitives.Multiply(slope, new ReadOnlySpan<float>(caps + ((long)r * KeyBlock), count), slope);
                }
            }

            long keyRow = ((((long)b * Problem.Heads) + h) * Problem.Keys) + j0;
            if (Targets.V != null)
            {
                GemmF32.Run(
                    count, valueWidth, rows, 1f, scores, KeyBlock, true, gradient, Problem.OutTime, false, 1f,
                    Targets.V + (keyRow * valueWidth), valueWidth);
            }

            if (Targets.K != null)
            {
                GemmF32.Run(
                    count, width, rows, Problem.Scale, slopes, KeyBlock, true, q, Problem.QTime, false, 1f,
                    Targets.K + (keyRow * width), width);
            }

            if (Targets.Q != null)
            {
                float* target = Targets.Q + (b * Problem.QBatch) + (h * Problem.QHead) + (i0 * Problem.QTime);
                GemmF32.Run(
                    rows, width, count, Problem.Scale, slopes, KeyBlock, false, k, Problem.KTime, false, 1f, target, Problem.QTime);
            }
        }

        private readonly void AddBias(int b, int h, int i, int j0, int count, float* slope)
        {
            if (Targets.Bias != null)
            {
                var target = new Span<float>(
                    Targets.Bias + (b * Problem.BiasBatch) + (h * Problem.BiasHead) + (i * Problem.BiasTime) + j0, count);
                TensorPrimitives.Add(target, new ReadOnlySpan<float>(slope, count), target);
            }
        }

        private readonly float* OutGradient(int b, int h, int i) =>
            Targets.OutGradient + (b * Problem.OutBatch) + (h * Problem.OutHead) + (i * Problem.OutTime);

        private readonly float LogSum(int b, int h, int i) => Problem.LogSum[((((long)b * Problem.Heads) + h) * Problem.Queries) + i];
    }
}
