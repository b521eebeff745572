using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Losses;

/// <summary>Which loss two elements make; see the public ops.</summary>
internal enum PairLossKind
{
    Squared,
    Absolute,
    SmoothL1,
    Huber,
    BinaryLogits,
    Binary,
    Divergence,
    DivergenceLog,
}

/// <summary>
/// Losses between the elements of two arrays and their derivatives by either. Terms are computed in double, so that small
/// differences of large numbers stay exact; sums go piece by piece in a fixed order.
/// </summary>
/// <remarks>Weights repeat: element i has weight i mod their number. Scalar code: these arrays are small beside a model's.</remarks>
internal unsafe struct PairLossKernel
{
    private const int PieceLength = 16384;

    public PairLossKind Kind;
    public float Parameter;
    public float* Input;
    public float* Target;
    public long Count;
    public float* Weight;
    public long WeightCount;
    public float* PositiveWeight;
    public long PositiveWeightCount;

    /// <summary>result[i] = the loss of element i.</summary>
    internal readonly void Forward(float* result)
    {
        var job = new ForwardJob { Kernel = this, Result = result };
        WorkerPool.Shared.Run(ref job, Pieces);
    }

    /// <summary>The sum of the losses of all elements.</summary>
    internal readonly double Sum()
    {
        int pieces = Pieces;
        using ThreadScratch.Lease lease = ThreadScratch.Rent(Math.Max(1, pieces) * (long)sizeof(double));
        var job = new SumJob { Kernel = this, Sums = (double*)lease.Pointer };
        WorkerPool.Shared.Run(ref job, pieces);
        double sum = 0;
        for (int i = 0; i < pieces; i++)
        {
            sum += job.Sums[i];
        }

        return sum;
    }

    /// <summary>Writes the derivatives times upstream / divisor; either result may be null.</summary>
    internal readonly void Backward(float* upstream, bool perElement, double divisor, float* input, float* target)
    {
        var job = new BackwardJob
        {
            Kernel = this,
            Upstream = upstream,
            PerElement = perElement,
            Divisor = divisor,
            InputGradient = input,
            TargetGradient = target,
        };
        WorkerPool.Shared.Run(ref job, Pieces);
    }

    private readonly int Pieces => checked((int)((Count + PieceLength - 1) / PieceLength));

    private static double LogOfSigmoid(double x) => x < 0 ? x - Log1P(Math.Exp(x)) : -Log1P(Math.Exp(-x));

    /// <summary>log(1 + x) without losing small x.</summary>
    private static double Log1P(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) ? sum : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>−1, 0 or 1; NaN of NaN, where <see cref="Math.Sign(double)"/> throws.</summary>
    private static double Sign(double x) => x > 0 ? 1 : x < 0 ? -1 : x;

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Times(double factor, double logarithm) => factor == 0 ? 0 : factor * logarithm;

    private readonly double Loss(double x, double t, double positive)
    {
        double d = x - t, a = Math.Abs(d), p = Parameter;
        return Kind switch
        {
            PairLossKind.Squared => d * d,
            PairLossKind.Absolute => a,
            PairLossKind.SmoothL1 => a < p ? d * d / (2 * p) : a - (p / 2),
            PairLossKind.Huber => a <= p ? d * d / 2 : p * (a - (p / 2)),
            PairLossKind.BinaryLogits => -(positive * t * LogOfSigmoid(x)) - ((1 - t) * LogOfSigmoid(-x)),
            PairLossKind.Binary => -(t * Math.Max(Math.Log(x), -100)) - ((1 - t) * Math.Max(Log1P(-x), -100)),
            PairLossKind.Divergence => Times(t, Math.Log(t)) - (t * x),
            _ => Math.Exp(t) * (t - x),
        };
    }

    private readonly (double Input, double Target) Derivative(double x, double t, double positive)
    {
        double d = x - t, a = Math.Abs(d), p = Parameter, sign = Sign(d);
        switch (Kind)
        {
            case PairLossKind.Squared:
                return (2 * d, -2 * d);
            case PairLossKind.Absolute:
                return (sign, -sign);
            case PairLossKind.SmoothL1:
                double slope = a < p ? d / p : sign;
                return (slope, -slope);
            case PairLossKind.Huber:
                double bounded = a <= p ? d : p * sign;
                return (bounded, -bounded);
            case PairLossKind.BinaryLogits:
                double s = Sigmoid(x);
                return (((1 - t) * s) - (positive * t * (1 - s)), LogOfSigmoid(-x) - (positive * LogOfSigmoid(x)));
            case PairLossKind.Binary:
                // The same lower bound of the divisor as PyTorch's.
                return (d / Math.Max((1 - x) * x, 1e-12), Math.Max(Log1P(-x), -100) - Math.Max(Math.Log(x), -100));
            case PairLossKind.Divergence:
                return (-t, t > 0 ? Math.Log(t) + 1 - x : -x);
            default:
                return (-Math.Exp(t), Math.Exp(t) * (t - x + 1));
        }
    }

    private readonly double WeightAt(long i) => Weight is null ? 1.0 : Weight[i % WeightCount];

    private readonly double PositiveAt(long i) => PositiveWeight is null ? 1.0 : PositiveWeight[i % PositiveWeightCount];

    private readonly double Term(long i) => WeightAt(i) * Loss(Input[i], Target[i], PositiveAt(i));

    private struct ForwardJob : IParallelJob
    {
        public PairLossKernel Kernel;
        public float* Result;

        public readonly void Run(int index)
        {
            long end = Math.Min(Kernel.Count, (index + 1L) * PieceLength);
            for (long i = (long)index * PieceLength; i < end; i++)
            {
                Result[i] = (float)Kernel.Term(i);
            }
        }
    }

    private struct SumJob : IParallelJob
    {
        public PairLossKernel Kernel;
        public double* Sums;

        public readonly void Run(int index)
        {
            double sum = 0;
            long end = Math.Min(Kernel.Count, (index + 1L) * PieceLength);
            for (long i = (long)index * PieceLength; i < end; i++)
            {
                sum += Kernel.Term(i);
            }

            Sums[index] = sum;
        }
    }

    private struct BackwardJob : IParallelJob
    {
        public PairLossKernel Kernel;
        public float* Upstream;
        public bool PerElement;
        public double Divisor;
        public float* InputGradient;
        public float* TargetGradient;

        public readonly void Run(int index)
        {
            long end = Math.Min(Kernel.Count, (index + 1L) * PieceLength);
            for (long i = (long)index * PieceLength; i < end; i++)
            {
                double factor = Kernel.WeightAt(i) * Upstream[PerElement ? i : 0] / Divisor;
                (double input, double target) = Kernel.Derivative(Kernel.Input[i], Kernel.Target[i], Kernel.PositiveAt(i));
                if (InputGradient != null)
                {
                    InputGradient[i] = (float)(factor * input);
                }

                if (TargetGradient != null)
                {
                    TargetGradient[i] = (float)(factor * target);
                }
            }
        }
    }
}
