using System.Numerics.Tensors;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Losses;

/// <summary>
/// Cross-entropy row by row: log-sum-exp and loss forward, softmax minus target backward.
/// </summary>
/// <remarks>
/// Row r of N·inner rows has its classes at logits[(r / inner)·C·inner + r % inner + c·inner]. Rows with inner above 1 are
/// gathered into scratch first. With weights w per class, u per row and smoothing e, the loss of a row with target t is
/// u·((1 − e)·w[t]·(L − x[t]) + (e/C)·Σ w[c]·(L − x[c])), L = log Σ exp x[c].
/// </remarks>
internal unsafe struct CrossEntropyRows
{
    public float* Logits;
    public int Classes;
    public long Inner;
    public byte* Targets;
    public bool Wide;
    public long Count;
    public float* ClassWeight;
    public float* RowWeight;
    public long IgnoreIndex;
    public float Smoothing;

    /// <summary>Throws unless every target is a class or ignored.</summary>
    internal readonly void RequireTargets(string argument)
    {
        for (long r = 0; r < Count; r++)
        {
            long target = IndexKernels.At(Targets, Wide, r);
            if (target != IgnoreIndex && (ulong)target >= (ulong)Classes)
            {
                throw new ArgumentOutOfRangeException(
                    argument, target, $"Target {target} at place {r} is no class in [0, {Classes}) and not the ignored {IgnoreIndex}.");
            }
        }
    }

    /// <summary>The weights of all targets that are not ignored: what a mean divides by.</summary>
    internal readonly double WeightOfTargets()
    {
        double weight = 0;
        for (long r = 0; r < Count; r++)
        {
            long target = IndexKernels.At(Targets, Wide, r);
            if (target != IgnoreIndex)
            {
                weight += (ClassWeight is null ? 1.0 : ClassWeight[target]) * (RowWeight is null ? 1.0 : RowWeight[r]);
            }
        }

        return weight;
    }

    /// <summary>Writes the log-sum-exp and the loss of each row; both 0 where the target is ignored.</summary>
    internal readonly void Forward(float* normaliser, float* losses)
    {
        var job = new ForwardJob { Rows = this, Normaliser = normaliser, Losses = losses };
        WorkerPool.Shared.Run(ref job, checked((int)Count));
    }

    /// <summary>Writes the gradient of the logits.</summary>
    /// <param name="normaliser">What <see cref="Forward"/> wrote.</param>
    /// <param name="upstream">One value, or one a row.</param>
    /// <param name="perRow">Whether upstream has one value a row.</param>
    /// <param name="divisor">What the sum was divided by.</param>
    /// <param name="gradient">As the logits; written wholly.</param>
    internal readonly void Backward(float* normaliser, float* upstream, bool perRow, double divisor, float* gradient)
    {
        var job = new BackwardJob
        {
            Rows = this,
            Normaliser = normaliser,
            Upstream = upstream,
            PerRow = perRow,
            Divisor = divisor,
            Gradient = gradient,
        };
        WorkerPool.Shared.Run(ref job, checked((int)Count));
    }

    private readonly long Offset(long row) => (row / Inner * Classes * Inner) + (row % Inner);

    private readonly void Gather(long row, Span<float> scratch)
    {
        float* source = Logits + Offset(row);
        for (int c = 0; c < scratch.Length; c++)
        {
            scratch[c] = source[c * Inner];
        }
    }

    private readonly (float Normaliser, float Loss) Row(long row, long target, ReadOnlySpan<float> logits, Span<float> scratch)
    {
        float max = TensorPrimitives.Max(logits);
        double sum = max;
        if (float.IsFinite(max))
        {
            TensorPrimitives.Subtract(logits, max, scratch);
            TensorPrimitives.Exp(scratch, scratch);
            sum = max + Math.Log(SumInDouble(scratch));
        }
        else if (float.IsPositiveInfinity(max))
        {
            sum = double.NaN;
        }

        double loss = (1.0 - Smoothing) * (ClassWeight is null ? 1.0 : ClassWeight[target]) * (sum - logits[(int)target]);
        if (Smoothing > 0)
        {
            double spread = 0;
            for (int c = 0; c < logits.Length; c++)
            {
                spread += (ClassWeight is null ? 1.0 : ClassWeight[c]) * (sum - logits[c]);
            }

            loss += Smoothing / Classes * spread;
        }

        return ((float)sum, (float)(loss * (RowWeight is null ? 1.0 : RowWeight[row])));
    }

    private static double SumInDouble(ReadOnlySpan<float> values)
    {
        // Pieces short enough that float sums lose nothing that matters, then double.
        double total = 0;
        for (int i = 0; i < values.Length; i += 1024)
        {
            total += TensorPrimitives.Sum(values.Slice(i, Math.Min(1024, values.Length - i)));
        }

        return total;
    }

    private readonly void RowGradient(long row, long target, ReadOnlySpan<float> logits, float normaliser, double factor, Span<float> gradient)
    {
        TensorPrimitives.Subtract(logits, normaliser, gradient);
        TensorPrimitives.Exp(gradient, gradient);
        factor *= RowWeight is null ? 1.0 : RowWeight[row];
        double direct = (1.0 - Smoothing) * (ClassWeight is null ? 1.0 : ClassWeight[target]);
        double spread = 0;
        if (Smoothing > 0)
        {
            for (int c = 0; c < Classes; c++)
            {
                spread += ClassWeight is null ? 1.0 : ClassWeight[c];
            }

            spread *= Smoothing / Classes;
        }

        TensorPrimitives.Multiply(gradient, (float)(factor * (direct + spread)), gradient);
        if (Smoothing > 0)
        {
            for (int c = 0; c < Classes; c++)
            {
                gradient[c] -= (float)(factor * (Smoothing / Classes) * (ClassWeight is null ? 1.0 : ClassWeight[c]));
            }
        }

        gradient[(int)target] -= (float)(factor * direct);
    }

    private struct ForwardJob : IParallelJob
    {
        public CrossEntropyRows Rows;
        public float* Normaliser;
        public float* Losses;

        public readonly void Run(int index)
        {
            long target = IndexKernels.At(Rows.Targets, Rows.Wide, index);
            if (target == Rows.IgnoreIndex)
            {
                Normaliser[index] = 0;
                Losses[index] = 0;
                return;
            }

            int classes = Rows.Classes;
            using ThreadScratch.Lease lease = ThreadScratch.Rent(classes * 8L);
            var scratch = new Span<float>((float*)lease.Pointer, classes);
            var gathered = new Span<float>((float*)lease.Pointer + classes, classes);
            if (Rows.Inner > 1)
            {
                Rows.Gather(index, gathered);
            }

            ReadOnlySpan<float> logits = Rows.Inner > 1 ? gathered : new ReadOnlySpan<float>(Rows.Logits + Rows.Offset(index), classes);
            (Normaliser[index], Losses[index]) = Rows.Row(index, target, logits, scratch);
        }
    }

    private struct BackwardJob : IParallelJob
    {
        public CrossEntropyRows Rows;
        public float* Normaliser;
        public float* Upstream;
        public bool PerRow;
        public double Divisor;
        public float* Gradient;

        public readonly void Run(int index)
        {
            int classes = Rows.Classes;
            long target = IndexKernels.At(Rows.Targets, Rows.Wide, index);
            float* gradient = Gradient + Rows.Offset(index);
            if (target == Rows.IgnoreIndex)
            {
                for (int c = 0; c < classes; c++)
                {
                    gradient[c * Rows.Inner] = 0;
                }

                return;
            }

            double factor = Upstream[PerRow ? index : 0] / Divisor;
            if (Rows.Inner == 1)
            {
                Rows.RowGradient(
                    index, target, new ReadOnlySpan<float>(Rows.Logits + Rows.Offset(index), classes), Normaliser[index], factor,
                    new Span<float>(gradient, classes));
                return;
            }

            using ThreadScratch.Lease lease = ThreadScratch.Rent(classes * 8L);
            var logits = new Span<float>((float*)lease.Pointer, classes);
            var row = new Span<float>((float*)lease.Pointer + classes, classes);
            Rows.Gather(index, logits);
            Rows.RowGradient(index, target, logits, Normaliser[index], factor, row);
            for (int c = 0; c < classes; c++)
            {
                gradient[c * Rows.Inner] = row[c];
            }
        }
    }
}
