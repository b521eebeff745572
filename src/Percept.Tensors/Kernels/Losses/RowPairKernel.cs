using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Losses;

/// <summary>What two rows make.</summary>
internal enum RowPairKind
{
    /// <summary>Cosine with norms √(‖·‖² + eps).</summary>
    Cosine,

    /// <summary>‖a − b + eps‖.</summary>
    Distance,
}

/// <summary>What a margin loss does with its number.</summary>
internal enum MarginLossKind
{
    /// <summary>max(0, margin − target·x).</summary>
    Ranking,

    /// <summary>1 − x for target 1, max(0, x − margin) for target −1.</summary>
    CosineEmbedding,
}

/// <summary>
/// One number from two rows of floats, and its derivatives. Row i of a batch's A meets row j of its B; with one row each
/// that is row by row. Sums in double; items are batches, so that derivatives add up in a fixed order.
/// </summary>
internal unsafe struct RowPairKernel
{
    public RowPairKind Kind;
    public float Eps;
    public float* A;
    public float* B;
    public int Width;
    public int RowsOfA;
    public int RowsOfB;
    public int Batch;

    /// <summary>result[batch, i, j].</summary>
    internal readonly void Forward(float* result)
    {
        var job = new ForwardJob { Kernel = this, Result = result };
        WorkerPool.Shared.Run(ref job, Batch);
    }

    /// <summary>Adds the derivatives times upstream to both gradients, which begin as zeros.</summary>
    internal readonly void Backward(float* upstream, float* first, float* second)
    {
        var job = new BackwardJob { Kernel = this, Upstream = upstream, First = first, Second = second };
        WorkerPool.Shared.Run(ref job, Batch);
    }

    /// <summary>Losses of margins and their slopes.</summary>
    internal static void Margin(
        MarginLossKind kind, float margin, float* x, float* target, long count, float* losses, float* slopes)
    {
        for (long i = 0; i < count; i++)
        {
            (float loss, float slope) = kind switch
            {
                MarginLossKind.Ranking => (margin - (target[i] * x[i]), -target[i]),
                _ when target[i] > 0 => (1 - x[i], -1f),
                _ => (x[i] - margin, 1f),
            };
            // At the hinge itself the slope goes through, as PyTorch's clamp has it.
            bool clipped = loss < 0 && (kind == MarginLossKind.Ranking || target[i] <= 0);
            losses[i] = clipped ? 0f : loss;
            slopes[i] = clipped ? 0f : slope;
        }
    }

    private readonly double Value(float* a, float* b)
    {
        if (Kind == RowPairKind.Distance)
        {
            double sum = 0;
            for (int d = 0; d < Width; d++)
            {
                double difference = (double)a[d] - b[d] + Eps;
                sum += difference * difference;
            }

            return Math.Sqrt(sum);
        }

        (double dot, double normA, double normB) = Norms(a, b);
        return dot / (normA * normB);
    }

    private readonly (double Dot, double NormA, double NormB) Norms(float* a, float* b)
    {
        double dot = 0, squaresA = 0, squaresB = 0;
        for (int d = 0; d < Width; d++)
        {
            dot += (double)a[d] * b[d];
            squaresA += (double)a[d] * a[d];
            squaresB += (double)b[d] * b[d];
        }

        return (dot, Math.Sqrt(squaresA + Eps), Math.Sqrt(squaresB + Eps));
    }

    private readonly void AddDerivatives(float* a, float* b, double upstream, float* first, float* second)
    {
        if (Kind == RowPairKind.Distance)
        {
            double distance = Value(a, b);
            for (int d = 0; d < Width && distance > 0; d++)
            {
                float slope = (float)(upstream * ((double)a[d] - b[d] + Eps) / distance);
                first[d] += slope;
                second[d] -= slope;
            }

            return;
        }

        (double dot, double normA, double normB) = Norms(a, b);
        double cosine = dot / (normA * normB), pullA = cosine / (normA * normA), pullB = cosine / (normB * normB);
        for (int d = 0; d < Width; d++)
        {
            first[d] += (float)(upstream * ((b[d] / (normA * normB)) - (pullA * a[d])));
            second[d] += (float)(upstream * ((a[d] / (normA * normB)) - (pullB * b[d])));
        }
    }

    private struct ForwardJob : IParallelJob
    {
        public RowPairKernel Kernel;
        public float* Result;

        public readonly void Run(int batch)
        {
            float* a = Kernel.A + ((long)batch * Kernel.RowsOfA * Kernel.Width);
            float* b = Kernel.B + ((long)batch * Kernel.RowsOfB * Kernel.Width);
            float* result = Result + ((long)batch * Kernel.RowsOfA * Kernel.RowsOfB);
            for (int i = 0; i < Kernel.RowsOfA; i++)
            {
                for (int j = 0; j < Kernel.RowsOfB; j++)
                {
                    *result++ = (float)Kernel.Value(a + ((long)i * Kernel.Width), b + ((long)j * Kernel.Width));
                }
            }
        }
    }

    private struct BackwardJob : IParallelJob
    {
        public RowPairKernel Kernel;
        public float* Upstream;
        public float* First;
        public float* Second;

        public readonly void Run(int batch)
        {
            long startA = (long)batch * Kernel.RowsOfA * Kernel.Width, startB = (long)batch * Kernel.RowsOfB * Kernel.Width;
            float* upstream = Upstream + ((long)batch * Kernel.RowsOfA * Kernel.RowsOfB);
            for (int i = 0; i < Kernel.RowsOfA; i++)
            {
                for (int j = 0; j < Kernel.RowsOfB; j++)
                {
                    long a = startA + ((long)i * Kernel.Width), b = startB + ((long)j * Kernel.Width);
                    Kernel.AddDerivatives(Kernel.A + a, Kernel.B + b, *upstream++, First + a, Second + b);
                }
            }
        }
    }
}
