using System.Numerics.Tensors;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// The gradients of attention by queries, keys, values, bias and sinks: scores are computed again, block by block, from the
/// saved log-sum of each query.
/// </summary>
/// <remarks>
/// With P = exp(S − log-sum), dP = dO·Vᵀ and δ = Σ dO·O: dS = P·(dP − δ), dV = Pᵀ·dO, dQ = scale·dS·K, dK = scale·dSᵀ·Q. An item
/// is one query head of one sequence, or all that share one slice of a bias that wants a gradient, and where these are few, a
/// range of the keys; it goes through blocks of <see cref="QueryBlock"/> × <see cref="KeyBlock"/> in a fixed order. Ranges add to
/// sums of their own for the queries' gradient, which are added up in order. Keys' and values' gradients are made for each query head
/// and, where several share a key head, summed by the caller. What targets held before is overwritten, but for bias and sinks. Keys and
/// values are float32 here.
/// </remarks>
internal static unsafe class AttentionBackward
{
    /// <summary>Queries of a block; half as many where the keys that are seen depend on the query, so that less is done in vain.</summary>
    private const int QueryBlock = 192;

    /// <summary>Key ranges of a head are items of their own as long as there are fewer items than this.</summary>
    private const int WantedItems = 16;

    /// <summary>Each range but the first has its own sums for the queries' gradient, hence the limit.</summary>
    private const int MostRanges = 8;

    private const int LeastKeysOfRange = 128;
    private const int KeyBlock = 512;

    /// <summary>Floats from one row of a block to the next: no power of two, for blocks are read down their columns as well.</summary>
    private const int BlockStride = KeyBlock + 16;

    /// <summary>
    /// Where gradients go; each has the layout of its tensor, those of keys and values have strides of their own and one head for each query
    /// head. Null for none.
    /// </summary>
    internal struct Targets
    {
        public float* OutGradient;
        public float* Q;
        public float* K;
        public long KBatch;
        public long KHead;
        public long KTime;
        public float* V;
        public long VBatch;
        public long VHead;
        public long VTime;
        public float* Bias;
        public float* Sinks;

        /// <summary>[B, H]: partial sums for the sinks.</summary>
        public double* SinkParts;
    }

    /// <summary>
    /// Runs several problems of one batch and the same heads, none with a gradient for bias or sinks: all heads of all of them side by side,
    /// where these are many.
    /// </summary>
    internal static void Run(AttentionProblem* problems, Targets* targets, int count)
    {
        // A function of the problems alone: ranges decide the order of the sums.
        if (count * (long)problems->Heads < WantedItems)
        {
            for (int i = 0; i < count; i++)
            {
                Run(problems[i], targets[i]);
            }

            return;
        }

        var job = new ProblemsJob { Problems = problems, Targets = targets, Heads = problems->Heads };
        WorkerPool.Shared.Run(ref job, checked(count * job.Heads));
    }

    /// <summary>Runs the whole problem.</summary>
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
        int items = problem.Batch / Math.Max(1, job.BatchesOfItem) * (problem.Heads / Math.Max(1, job.HeadsOfItem));

        // A function of the problem alone: ranges decide the order of the sums.
        job.Ranges = items == 0 ? 1 : Math.Clamp(
            Math.Min(WantedItems / items, problem.Keys / LeastKeysOfRange), 1, MostRanges);
        long queryFloats = (long)problem.Batch * problem.Heads * problem.Queries * problem.Width;
        NativeBuffer? parts = null;
        try
        {
            if (targets.Q != null && job.Ranges > 1)
            {
                long bytes = (job.Ranges - 1) * queryFloats * sizeof(float);
                parts = TensorMemory.Rent(Math.Max(1, bytes));
                job.Parts = (float*)parts.Pointer;
                job.PartFloats = queryFloats;
            }

            WorkerPool.Shared.Run(ref job, checked(items * job.Ranges));
            for (int r = 1; parts != null && r < job.Ranges; r++)
            {
                VectorKernels.AddInPlace(targets.Q, job.Parts + ((r - 1) * queryFloats), queryFloats);
            }
        }
        finally
        {
            parts?.Release();
        }

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

    /// <summary>A head of one of several problems.</summary>
    private struct ProblemsJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public Targets* Targets;
        public int Heads;

        public readonly void Run(int index)
        {
            int i = index / Heads;
            new Job { Problem = Problems[i], Targets = Targets[i], BatchesOfItem = 1, HeadsOfItem = 1, Ranges = 1 }.Run(index % Heads);
        }
    }

    private struct Job : IParallelJob
    {
        public AttentionProblem Problem;
        public Targets Targets;
        public int BatchesOfItem;
        public int HeadsOfItem;

        /// <summary>Ranges of keys that a head is divided into; an item goes through one of them.</summary>
        public int Ranges;

        /// <summary>Sums for the queries' gradient of each range but the first, in the layout of the queries.</summary>
        public float* Parts;
        public long PartFloats;

        public readonly void Run(int index)
        {
            int range = index % Ranges;
            index /= Ranges;
            int groups = Problem.Heads / HeadsOfItem;
            int b0 = index / groups * BatchesOfItem, h0 = index % groups * HeadsOfItem;
            for (int b = b0; b < b0 + BatchesOfItem; b++)
            {
                for (int h = h0; h < h0 + HeadsOfItem; h++)
                {
                    Head(b, h, range);
                }
            }
        }

        private readonly void Head(int b, int h, int range)
        {
            int block = QueryBlock * BlockStride;
            using ThreadScratch.Lease lease = ThreadScratch.Rent(((3L * block) + QueryBlock) * sizeof(float));
            float* scores = (float*)lease.Pointer;
            float* slopes = scores + block;
            float* caps = slopes + block;
            float* deltas = caps + block;
            double sink = 0;
            int step = Problem.Causal || Problem.Window > 0 || Problem.Mask != null ? QueryBlock / 2 : QueryBlock;
            int keys = ((Problem.Keys / Ranges) + 31) & ~31;
            int from = range * keys, to = range == Ranges - 1 ? Problem.Keys : Math.Min(Problem.Keys, from + keys);
            Clear(QueryTarget(b, h, 0, range), Problem.QTime, Problem.Queries, Problem.Width);
            Clear(KeyTarget(b, h, from), Targets.KTime, to - from, Problem.Width);
            Clear(ValueTarget(b, h, from), Targets.VTime, to - from, Problem.ValueWidth);
            for (int i0 = 0; i0 < Problem.Queries; i0 += step)
            {
                int rows = Math.Min(step, Problem.Queries - i0);
                sink += Deltas(b, h, i0, rows, deltas);
                (int first, int end) = Problem.BlockRange(b, i0, i0 + rows);
                first = Math.Max(first, from);
                end = Math.Min(end, to);
                for (int j0 = first; Problem.NextSeen(b, h, i0, i0 + rows, ref j0, end, out int seen); j0 = seen)
                {
                    for (int j = j0; j < seen; j += KeyBlock)
                    {
                        Block(b, h, i0, rows, j, Math.Min(KeyBlock, seen - j), scores, slopes, caps, deltas, range);
                    }
                }
            }

            if (Targets.SinkParts != null && range == 0)
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
                float* log = Problem.LogSumOf(b, h, i0 + r);
                if (Problem.Sinks != null && !float.IsNegativeInfinity(log[0]))
                {
                    sink -= Math.Exp((double)Problem.Sinks[h] - log[0] - log[1]) * deltas[r];
                }
            }

            return sink;
        }

        private readonly void Block(
            int b, int h, int i0, int rows, int j0, int count, float* scores, float* slopes, float* caps, float* deltas, int range)
        {
            int kvHead = h / Problem.Group, width = Problem.Width, valueWidth = Problem.ValueWidth;
            float* q = Problem.QueryRow(b, h, i0), k = (float*)Problem.KeyRow(b, kvHead, j0), v = (float*)Problem.ValueRow(b, kvHead, j0);
            float* gradient = OutGradient(b, h, i0);
            GemmF32.Run(
                rows, count, width, Problem.Scale, q, Problem.QTime, false, k, Problem.KTime, true, 0f, scores, BlockStride);
            GemmF32.Run(
                rows, count, valueWidth, 1f, gradient, Problem.OutTime, false, v, Problem.VTime, true, 0f, slopes, BlockStride);
            for (int r = 0; r < rows; r++)
            {
                float* row = scores + ((long)r * BlockStride);
                if (Problem.SoftCap != 0)
                {
                    ScoreRows.CapSlopes(row, count, Problem.SoftCap, caps + ((long)r * BlockStride));
                }

                ScoreRows.Modify(Problem, b, h, i0 + r, j0, count, row);
                float* log = Problem.LogSumOf(b, h, i0 + r);
                ScoreRows.Gradient(row, slopes + ((long)r * BlockStride), count, log[0], log[1], deltas[r]);
                AddBias(b, h, i0 + r, j0, count, slopes + ((long)r * BlockStride));
                if (Problem.SoftCap != 0)
                {
                    var slope = new Span<float>(slopes + ((long)r * BlockStride), count);
                    TensorPrimitives.Multiply(slope, new ReadOnlySpan<float>(caps + ((long)r * BlockStride), count), slope);
                }
            }

            float* toValues = ValueTarget(b, h, j0), toKeys = KeyTarget(b, h, j0), toQueries = QueryTarget(b, h, i0, range);
            if (toValues != null)
            {
                GemmF32.Run(
                    count, valueWidth, rows, 1f, scores, BlockStride, true, gradient, Problem.OutTime, false, 1f, toValues, Targets.VTime);
            }

            if (toKeys != null)
            {
                GemmF32.Run(
                    count, width, rows, Problem.Scale, slopes, BlockStride, true, q, Problem.QTime, false, 1f, toKeys, Targets.KTime);
            }

            if (toQueries != null)
            {
                GemmF32.Run(
                    rows, width, count, Problem.Scale, slopes, BlockStride, false, k, Problem.KTime, false, 1f, toQueries, Problem.QTime);
            }
        }

        private readonly float* QueryTarget(int b, int h, int i, int range)
        {
            float* queries = range == 0 || Targets.Q == null ? Targets.Q : Parts + ((range - 1) * PartFloats);
            return queries == null ? null : queries + (b * Problem.QBatch) + (h * Problem.QHead) + (i * Problem.QTime);
        }

        private readonly float* KeyTarget(int b, int h, int j) =>
            Targets.K == null ? null : Targets.K + (b * Targets.KBatch) + (h * Targets.KHead) + (j * Targets.KTime);

        private readonly float* ValueTarget(int b, int h, int j) =>
            Targets.V == null ? null : Targets.V + (b * Targets.VBatch) + (h * Targets.VHead) + (j * Targets.VTime);

        private static void Clear(float* target, long stride, int rows, int width)
        {
            for (int r = 0; target != null && r < rows; r++, target += stride)
            {
                new Span<float>(target, width).Clear();
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
    }
}
