using Percept.Tensors;

namespace Percept.Training;

/// <summary>Losses that teach a model another's probabilities (Hinton et al., 2015; Agarwal et al., 2024).</summary>
public static class Distillation
{
    /// <summary>
    /// weight·T²·divergence + label weight·cross entropy, both means over places that have a label, or over all places
    /// without labels.
    /// </summary>
    /// <param name="student">Logits, float32 [..., V].</param>
    /// <param name="teacher">Logits of the same shape; no gradient flows to them.</param>
    /// <param name="options">The settings; KL(teacher‖student) when left out.</param>
    /// <param name="labels">I32 or I64 [...], standing at the places of the logits (not shifted).</param>
    /// <returns>Float32 [].</returns>
    /// <exception cref="ArgumentException">A setting is out of range, or labels are missing.</exception>
    public static Tensor Loss(Tensor student, Tensor teacher, DistillationOptions? options = null, Tensor? labels = null)
    {
        options ??= new DistillationOptions();
        OptimizerChecks.Positive(options.Temperature, "temperature");
        if (student.Shape != teacher.Shape || student.Rank == 0)
        {
            throw LossMath.WrongShape(nameof(teacher), teacher.Shape, $"{student.Shape}, the student's");
        }

        int classes = student.Shape[-1];
        Shape rows = [checked((int)student.Shape.CountBefore(student.Rank - 1)), classes];
        Tensor divergences = Divergence(
            LogProbabilities(student, rows, options), LogProbabilities(Ops.Detach(teacher), rows, options), options);
        double squared = options.Temperature * options.Temperature * options.DivergenceWeight;
        if (labels is not { } given)
        {
            return options.LabelWeight == 0
                ? Ops.Scale(Ops.Mean(divergences), (float)squared)
                : throw new ArgumentException("A weight of the labels' cross entropy needs labels.", nameof(labels));
        }

        Tensor flat = Ops.Reshape(given, [rows[0]]);
        Tensor divergence = Ops.Scale(LossMath.MaskedMean(divergences, Counted(flat, options.IgnoreIndex)), (float)squared);
        if (options.LabelWeight == 0)
        {
            return divergence;
        }

        Tensor entropy = Ops.CrossEntropy(
            Ops.Reshape(student, rows), flat, new CrossEntropyOptions { IgnoreIndex = options.IgnoreIndex });
        return Ops.Add(divergence, Ops.Scale(entropy, (float)options.LabelWeight));
    }

    private static Tensor LogProbabilities(Tensor logits, in Shape rows, DistillationOptions options)
    {
        Tensor flat = Ops.Reshape(logits, rows);
        return Ops.LogSoftmax(options.Temperature == 1 ? flat : Ops.Scale(flat, (float)(1 / options.Temperature)));
    }

    /// <summary>Logarithms [N, V] → divergences [N].</summary>
    private static Tensor Divergence(Tensor student, Tensor teacher, DistillationOptions options)
    {
        switch (options.Direction)
        {
            case DistillationDirection.Forward:
                return Of(teacher, student);
            case DistillationDirection.Reverse:
                return Of(student, teacher);
            default:
                double beta = options.Beta;
                if (!(beta > 0 && beta < 1))
                {
                    throw new ArgumentException(
                        FormattableString.Invariant($"Beta is {beta}, expected a number between 0 and 1."), nameof(options));
                }

                Tensor mixture = Ops.LogSumExp(
                    Ops.Stack([Ops.Add(student, (float)Math.Log(1 - beta)), Ops.Add(teacher, (float)Math.Log(beta))], 0), 0);
                return Ops.Add(
                    Ops.Scale(Of(teacher, mixture), (float)beta), Ops.Scale(Of(student, mixture), (float)(1 - beta)));
        }
    }

    /// <summary>KL(p‖q) of logarithms.</summary>
    private static Tensor Of(Tensor p, Tensor q) => Ops.Sum(Ops.KullbackLeibler(q, p, Reduction.None, logTarget: true), -1);

    /// <summary>1 for places with a label, else 0.</summary>
    private static Tensor Counted(Tensor labels, long ignored)
    {
        Tensor wide = Ops.Cast(labels, DType.I64);
        Tensor result = Ops.Empty(labels.Shape);
        ReadOnlySpan<long> from = wide.Span<long>();
        Span<float> to = result.Writable<float>();
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[i] == ignored ? 0 : 1;
        }

        return result;
    }
}
