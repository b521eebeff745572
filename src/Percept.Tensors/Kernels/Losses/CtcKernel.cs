using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Losses;

/// <summary>
/// The forward and backward recursions of CTC in log space and double, one sequence an item.
/// </summary>
/// <remarks>
/// The labels with blanks between, before and after make 2S + 1 states. α[t, s] is the log-probability of all beginnings
/// that end in state s at frame t, β[t, s] that of all endings after it; both include frame t's own probability once
/// together. The gradient by the logits is softmax − Σ over states of a class of exp(α + β − log p).
/// </remarks>
internal unsafe struct CtcKernel
{
    public float* Logits;
    public int Batch;
    public int Frames;
    public int Classes;
    public byte* Targets;
    public bool TargetsWide;
    public int MaximumLabels;
    public byte* InputLengths;
    public bool InputLengthsWide;
    public byte* TargetLengths;
    public bool TargetLengthsWide;
    public CtcOptions Options;

    /// <summary>Throws unless lengths and labels are in range.</summary>
    internal readonly void Check()
    {
        RequireRange(Options.Blank, Classes, "options", "The blank class");
        for (int b = 0; b < Batch; b++)
        {
            RequireRange(IndexKernels.At(InputLengths, InputLengthsWide, b), Frames + 1L, "inputLengths", $"The length of sequence {b}");
            long labels = IndexKernels.At(TargetLengths, TargetLengthsWide, b);
            RequireRange(labels, MaximumLabels + 1L, "targetLengths", $"The number of labels of sequence {b}");
            for (int s = 0; s < labels; s++)
            {
                long label = IndexKernels.At(Targets, TargetsWide, ((long)b * MaximumLabels) + s);
                RequireRange(label, Classes, "targets", $"Label {s} of sequence {b}");
                if (label == Options.Blank)
                {
                    throw new ArgumentOutOfRangeException("targets", label, $"Label {s} of sequence {b} is the blank class.");
                }
            }
        }
    }

    /// <summary>Writes the losses, or adds the gradients; the other is null.</summary>
    internal readonly void Run(float* losses, float* gradient, float* upstream, bool perItem)
    {
        var job = new Job { Kernel = this, Losses = losses, Gradient = gradient, Upstream = upstream, PerItem = perItem };
        WorkerPool.Shared.Run(ref job, Batch);
    }

    internal readonly double Reduce(float* losses, Reduction reduction)
    {
        double sum = 0;
        for (int b = 0; b < Batch; b++)
        {
            sum += losses[b] / (reduction == Reduction.Mean ? Labels(b) : 1.0);
        }

        return reduction == Reduction.Sum ? sum : sum / Batch;
    }

    private static void RequireRange(long value, long bound, string argument, string what)
    {
        if ((ulong)value >= (ulong)bound)
        {
            throw new ArgumentOutOfRangeException(argument, value, $"{what} is {value}, not in [0, {bound}).");
        }
    }

    private static double LogAdd(double a, double b)
    {
        double high = Math.Max(a, b);
        return double.IsNegativeInfinity(high) ? high : high + Math.Log(Math.Exp(a - high) + Math.Exp(b - high));
    }

    private readonly double Labels(int b) => Math.Max(1, IndexKernels.At(TargetLengths, TargetLengthsWide, b));

    private readonly int ClassOf(int b, int state) => (state & 1) == 0
        ? Options.Blank
        : (int)IndexKernels.At(Targets, TargetsWide, ((long)b * MaximumLabels) + (state >> 1));

    /// <summary>Whether state s may be entered from s − 2: a label that differs from the one before it.</summary>
    private readonly bool CanSkip(int b, int state) =>
        (state & 1) == 1 && state >= 3 && ClassOf(b, state) != ClassOf(b, state - 2);

    private struct Job : IParallelJob
    {
        public CtcKernel Kernel;
        public float* Losses;
        public float* Gradient;
        public float* Upstream;
        public bool PerItem;

        public readonly void Run(int b)
        {
            int frames = (int)IndexKernels.At(Kernel.InputLengths, Kernel.InputLengthsWide, b);
            int states = (2 * (int)IndexKernels.At(Kernel.TargetLengths, Kernel.TargetLengthsWide, b)) + 1;
            int classes = Kernel.Classes;
            using ThreadScratch.Lease lease = ThreadScratch.Rent(
                (((long)frames * classes) + ((long)frames * states * 2) + classes) * sizeof(double));
            double* logs = (double*)lease.Pointer;
            double* alpha = logs + ((long)frames * classes);
            LogSoftmax(Kernel.Logits + ((long)b * Kernel.Frames * classes), frames, logs);
            double loss = -Forward(b, frames, states, logs, alpha);
            bool dropped = Kernel.Options.ZeroInfinity && double.IsInfinity(loss);
            if (Losses != null)
            {
                Losses[b] = dropped ? 0f : (float)loss;
                return;
            }

            if (!dropped)
            {
                double factor = Upstream[PerItem ? b : 0];
                factor /= Kernel.Options.Reduction switch
                {
                    Reduction.Mean => Kernel.Labels(b) * Kernel.Batch,
                    Reduction.BatchMean => Kernel.Batch,
                    _ => 1,
                };
                AddGradient(b, frames, states, logs, alpha, loss, factor);
            }
        }

        private readonly void LogSoftmax(float* logits, int frames, double* logs)
        {
            int classes = Kernel.Classes;
            for (int t = 0; t < frames; t++)
            {
                double max = double.NegativeInfinity, sum = 0;
                for (int c = 0; c < classes; c++)
                {
                    max = Math.Max(max, logits[((long)t * classes) + c]);
                }

                for (int c = 0; c < classes; c++)
                {
                    sum += Math.Exp(logits[((long)t * classes) + c] - max);
                }

                double normaliser = max + Math.Log(sum);
                for (int c = 0; c < classes; c++)
                {
                    logs[((long)t * classes) + c] = logits[((long)t * classes) + c] - normaliser;
                }
            }
        }

        private readonly double Forward(int b, int frames, int states, double* logs, double* alpha)
        {
            if (frames == 0)
            {
                return states == 1 ? 0 : double.NegativeInfinity;
            }

            int classes = Kernel.Classes;
            for (int t = 0; t < frames; t++)
            {
                double* row = alpha + ((long)t * states), before = row - states;
                for (int s = 0; s < states; s++)
                {
                    double sum = t == 0 ? (s < 2 ? 0 : double.NegativeInfinity) : before[s];
                    if (t > 0 && s > 0)
                    {
                        sum = LogAdd(sum, before[s - 1]);
                    }

                    if (t > 0 && Kernel.CanSkip(b, s))
                    {
                        sum = LogAdd(sum, before[s - 2]);
                    }

                    row[s] = sum + logs[((long)t * classes) + Kernel.ClassOf(b, s)];
                }
            }

            double* last = alpha + ((long)(frames - 1) * states);
            return states == 1 ? last[0] : LogAdd(last[states - 1], last[states - 2]);
        }

        private readonly void AddGradient(int b, int frames, int states, double* logs, double* alpha, double loss, double factor)
        {
            int classes = Kernel.Classes;
            double* beta = alpha + ((long)frames * states);
            double* share = beta + ((long)frames * states);
            float* gradient = Gradient + ((long)b * Kernel.Frames * classes);
            for (int t = frames - 1; t >= 0; t--)
            {
                double* row = beta + ((long)t * states), after = row + states;
                double* next = logs + ((long)(t + 1) * classes);
                new Span<double>(share, classes).Clear();
                for (int s = 0; s < states; s++)
                {
                    double sum;
                    if (t == frames - 1)
                    {
                        sum = s >= states - 2 ? 0 : double.NegativeInfinity;
                    }
                    else
                    {
                        sum = after[s] + next[Kernel.ClassOf(b, s)];
                        if (s + 1 < states)
                        {
                            sum = LogAdd(sum, after[s + 1] + next[Kernel.ClassOf(b, s + 1)]);
                        }

                        if (s + 2 < states && Kernel.CanSkip(b, s + 2))
                        {
                            sum = LogAdd(sum, after[s + 2] + next[Kernel.ClassOf(b, s + 2)]);
                        }
                    }

                    row[s] = sum;
                    share[Kernel.ClassOf(b, s)] += Math.Exp(alpha[((long)t * states) + s] + sum + loss);
                }

                for (int c = 0; c < classes; c++)
                {
                    gradient[((long)t * classes) + c] = (float)(factor * (Math.Exp(logs[((long)t * classes) + c]) - share[c]));
                }
            }
        }
    }
}
