using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Losses;

namespace Percept.Tensors;

/// <content>Losses between two tensors of one shape, element by element.</content>
public static partial class Ops
{
    /// <summary>(input − target)².</summary>
    /// <param name="input">Float32.</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor MeanSquaredError(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
        PairLoss(PairLossKind.Squared, input, target, null, reduction, 0);

    /// <summary>|input − target|; the gradient at 0 is 0.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor L1Loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
        PairLoss(PairLossKind.Absolute, input, target, null, reduction, 0);

    /// <summary>With d = |input − target|: d²/(2·beta) below beta, d − beta/2 from there on.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="beta">Where the parabola ends; 0 gives the L1 loss.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor SmoothL1Loss(Tensor input, Tensor target, float beta = 1f, Reduction reduction = Reduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        return beta == 0
            ? L1Loss(input, target, reduction)
            : PairLoss(PairLossKind.SmoothL1, input, target, null, reduction, beta);
    }

    /// <summary>With d = |input − target|: d²/2 up to delta, delta·(d − delta/2) from there on.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="delta">Where the parabola ends, above 0.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor HuberLoss(Tensor input, Tensor target, float delta = 1f, Reduction reduction = Reduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        return PairLoss(PairLossKind.Huber, input, target, null, reduction, delta);
    }

    /// <summary>Binary cross-entropy of sigmoid(input), computed without overflow.</summary>
    /// <param name="input">Logits, float32.</param>
    /// <param name="target">Probabilities, float32 of the same shape.</param>
    /// <param name="positiveWeight">Float32; a weight of the positive part, its shape that of the last axes.</param>
    /// <param name="weight">Float32; a weight of each element, its shape that of the last axes.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor BinaryCrossEntropyWithLogits(
        Tensor input, Tensor target, Tensor? positiveWeight = null, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
        PairLoss(PairLossKind.BinaryLogits, input, target, weight, reduction, 0, positiveWeight);

    /// <summary>Binary cross-entropy of probabilities; logarithms are cut off at −100, as in PyTorch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An element of <paramref name="input"/> is no probability.</exception>
    /// <param name="input">Probabilities, float32.</param>
    /// <param name="target">Probabilities, float32 of the same shape.</param>
    /// <param name="weight">Float32; a weight of each element, its shape that of the last axes.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor BinaryCrossEntropy(
        Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        RequireProbabilities(input, nameof(input));
        return PairLoss(PairLossKind.Binary, input, target, weight, reduction, 0);
    }

    /// <summary>Kullback–Leibler divergence, element by element: target·(log target − input), with input = log q.</summary>
    /// <param name="input">Log-probabilities, float32.</param>
    /// <param name="target">Probabilities, or log-probabilities when <paramref name="logTarget"/>; float32 of the same shape.</param>
    /// <param name="reduction">How the elements are summed up; the mathematical divergence is <see cref="Reduction.BatchMean"/>.</param>
    /// <param name="logTarget">Whether the target is given as logarithms.</param>
    public static Tensor KullbackLeibler(
        Tensor input, Tensor target, Reduction reduction = Reduction.Mean, bool logTarget = false) =>
        PairLoss(logTarget ? PairLossKind.DivergenceLog : PairLossKind.Divergence, input, target, null, reduction, 0);

    /// <summary>Refuses numbers outside [0, 1]; NaN passes, so that a diverged step shows in the loss.</summary>
    private static unsafe void RequireProbabilities(Tensor input, string argument)
    {
        RequireFloat32(input, argument);
        float* x = input.Floats;
        for (long i = 0; i < input.Count; i++)
        {
            if (x[i] < 0 || x[i] > 1)
            {
                throw new ArgumentOutOfRangeException(
                    argument, x[i], $"Element {i} of the probabilities lies outside [0, 1]; logits go to BinaryCrossEntropyWithLogits.");
            }
        }
    }

    private static unsafe Tensor PairLoss(
        PairLossKind kind, Tensor input, Tensor target, Tensor? weight, Reduction reduction, float parameter,
        Tensor? positiveWeight = null)
    {
        RequireReduction(reduction);
        RequireFloat32(input, nameof(input));
        RequireFloat32(target, nameof(target));
        RequireShape(target, input.Shape, nameof(target));
        RequireNoGradient(weight, nameof(weight));
        RequireNoGradient(positiveWeight, nameof(positiveWeight));
        RequireTail(weight, input, nameof(weight));
        RequireTail(positiveWeight, input, nameof(positiveWeight));
        PairLossKernel kernel = PairKernel(kind, input, target, OrNone(weight), OrNone(positiveWeight), parameter);
        double divisor = reduction switch
        {
            Reduction.Mean => input.Count,
            Reduction.BatchMean => input.Rank == 0 ? 1 : input.Shape[0],
            _ => 1,
        };
        Tensor result;
        if (reduction == Reduction.None)
        {
            result = Result(input.Shape);
            kernel.Forward(result.Floats);
        }
        else
        {
            result = Result([]);
            *result.Floats = (float)(kernel.Sum() / divisor);
        }

        if (Tape.Wants([input, target]))
        {
            Tape.Record(&PairLossGradient, result, [input, target]).Save(OrNone(weight)).Save(OrNone(positiveWeight))
                .SaveNumber((int)kind).SaveNumber(parameter).SaveNumber(divisor).SaveNumber(reduction == Reduction.None ? 1 : 0);
        }

        return result;
    }

    private static unsafe PairLossKernel PairKernel(
        PairLossKind kind, Tensor input, Tensor target, Tensor weight, Tensor positiveWeight, float parameter) => new()
        {
            Kind = kind,
            Parameter = parameter,
            Input = input.Floats,
            Target = target.Floats,
            Count = input.Count,
            Weight = weight.IsNone ? null : weight.Floats,
            WeightCount = weight.IsNone ? 1 : weight.Count,
            PositiveWeight = positiveWeight.IsNone ? null : positiveWeight.Floats,
            PositiveWeightCount = positiveWeight.IsNone ? 1 : positiveWeight.Count,
        };

    private static unsafe void PairLossGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), target = entry.Input(1), upstream = entry.OutputGrad();
        PairLossKernel kernel = PairKernel(
            (PairLossKind)(int)entry.Number(0), input, target, entry.Saved(0), entry.Saved(1), (float)entry.Number(1));
        Tensor first = entry.Wants(0) ? Result(input.Shape) : default, second = entry.Wants(1) ? Result(target.Shape) : default;
        kernel.Backward(
            upstream.Floats, entry.Number(3) != 0, entry.Number(2), first.IsNone ? null : first.Floats,
            second.IsNone ? null : second.Floats);
        if (!first.IsNone)
        {
            entry.Add(0, first);
        }

        if (!second.IsNone)
        {
            entry.Add(1, second);
        }
    }

    /// <summary>Checks that an optional tensor has the shape of the last axes of another, or one element.</summary>
    private static void RequireTail(Tensor? tail, Tensor whole, string argument)
    {
        if (tail is not { } tensor)
        {
            return;
        }

        RequireFloat32(tensor, argument);
        int skipped = whole.Rank - tensor.Rank;
        bool fits = tensor.Count == 1 || (skipped >= 0 && whole.Shape.Sizes[skipped..].SequenceEqual(tensor.Shape.Sizes));
        if (!fits)
        {
            throw ShapeException.ForShape(argument, tensor.Shape, $"the last axes of {whole.Shape}");
        }
    }
}
