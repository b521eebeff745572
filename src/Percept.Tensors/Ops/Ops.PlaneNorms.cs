using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Norms over the planes of [B, C, ...]: group, instance and batch norm.</content>
public static partial class Ops
{
    /// <summary>Normalises each group of channels of each image with the group's own mean and biased variance.</summary>
    /// <param name="input">Float32, [B, C, ...].</param>
    /// <param name="groups">How many groups; C is a multiple of it.</param>
    /// <param name="weight">Float32, [C], or none.</param>
    /// <param name="bias">Float32, [C], or none.</param>
    /// <param name="eps">Added to the variance.</param>
    public static Tensor GroupNorm(Tensor input, int groups, Tensor? weight = null, Tensor? bias = null, float eps = 1e-5f)
    {
        RequirePlanes(input, weight, bias);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        int channels = input.Shape[1];
        if (channels % groups != 0)
        {
            throw new ShapeException(
                $"{channels} channels can't be cut into {groups} groups.", nameof(input), 1, $"a multiple of {groups}", $"{channels}");
        }

        return PlaneNorm(input, OrNone(weight), OrNone(bias), groups, eps);
    }

    /// <summary>Normalises each channel of each image with its own mean and biased variance.</summary>
    /// <param name="input">Float32, [B, C, ...].</param>
    /// <param name="weight">Float32, [C], or none.</param>
    /// <param name="bias">Float32, [C], or none.</param>
    /// <param name="eps">Added to the variance.</param>
    public static Tensor InstanceNorm(Tensor input, Tensor? weight = null, Tensor? bias = null, float eps = 1e-5f)
    {
        RequirePlanes(input, weight, bias);
        return PlaneNorm(input, OrNone(weight), OrNone(bias), Math.Max(1, input.Shape[1]), eps);
    }

    /// <summary>Normalises each channel over the batch.</summary>
    /// <param name="input">Float32, [B, C, ...].</param>
    /// <param name="runningMean">Float32, [C]; written when training, none to do without.</param>
    /// <param name="runningVariance">Float32, [C]; written when training, none to do without.</param>
    /// <param name="weight">Float32, [C], or none.</param>
    /// <param name="bias">Float32, [C], or none.</param>
    /// <param name="training">True to use the batch's statistics (the biased variance) and move the running ones towards them
    /// (the unbiased variance); false to use the running ones.</param>
    /// <param name="momentum">How far the running statistics move: new = (1 − momentum)·old + momentum·batch.</param>
    /// <param name="eps">Added to the variance.</param>
    public static unsafe Tensor BatchNorm(
        Tensor input,
        Tensor? runningMean,
        Tensor? runningVariance,
        Tensor? weight = null,
        Tensor? bias = null,
        bool training = false,
        float momentum = 0.1f,
        float eps = 1e-5f)
    {
        RequirePlanes(input, weight, bias);
        RequireAffine(runningMean, [input.Shape[1]], nameof(runningMean));
        RequireAffine(runningVariance, [input.Shape[1]], nameof(runningVariance));
        if (training)
        {
            return BatchNormOfBatch(input, OrNone(runningMean), OrNone(runningVariance), OrNone(weight), OrNone(bias), momentum, eps);
        }

        if (runningMean is not { } mean || runningVariance is not { } variance)
        {
            throw new ArgumentException("Without training the running mean and variance are needed.", nameof(runningMean));
        }

        Tensor result = Result(input.Shape);
        PlaneNormKernels.ForwardFixed(
            ChannelSets(input), input.Floats, mean.Floats, variance.Floats, OrNull(OrNone(weight)), OrNull(OrNone(bias)), eps,
            result.Floats);
        if (Tape.Wants([input, OrNone(weight), OrNone(bias)]))
        {
            Tape.Record(&FixedNormGradient, result, [input, OrNone(weight), OrNone(bias)]).Save(mean).Save(variance).SaveNumber(eps);
        }

        return result;
    }

    private static void RequirePlanes(Tensor input, Tensor? weight, Tensor? bias)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 2, Shape.MaxRank, nameof(input));
        RequireAffine(weight, [input.Shape[1]], nameof(weight));
        RequireAffine(bias, [input.Shape[1]], nameof(bias));
    }

    private static PlaneSets GroupSets(Tensor input, int groups) =>
        PlaneSets.OfGroups(input.Shape[0], input.Shape[1], input.Shape.CountFrom(2), groups);

    private static PlaneSets ChannelSets(Tensor input) =>
        PlaneSets.OfChannels(input.Shape[0], input.Shape[1], input.Shape.CountFrom(2));

    private static unsafe Tensor PlaneNorm(Tensor input, Tensor weight, Tensor bias, int groups, float eps)
    {
        Tensor result = Result(input.Shape);
        PlaneNormKernels.Forward(
            GroupSets(input, groups), input.Floats, OrNull(weight), OrNull(bias), eps, result.Floats, null);
        if (Tape.Wants([input, weight, bias]))
        {
            Tape.Record(&PlaneNormGradient, result, [input, weight, bias]).SaveNumber(groups).SaveNumber(eps);
        }

        return result;
    }

    private static unsafe Tensor BatchNormOfBatch(
        Tensor input, Tensor runningMean, Tensor runningVariance, Tensor weight, Tensor bias, float momentum, float eps)
    {
        int channels = input.Shape[1];
        long count = input.Shape[0] * input.Shape.CountFrom(2);
        if (count == 1)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, "more than one value a channel when training");
        }

        Tensor result = Result(input.Shape), statistics = Result([channels, 2]);
        PlaneNormKernels.Forward(
            ChannelSets(input), input.Floats, OrNull(weight), OrNull(bias), eps, result.Floats, statistics.Floats);
        for (int c = 0; c < channels && count > 0; c++)
        {
            double unbiased = statistics.Floats[(2 * c) + 1] * ((double)count / (count - 1));
            Move(runningMean, c, statistics.Floats[2 * c], momentum);
            Move(runningVariance, c, unbiased, momentum);
        }

        statistics.Dispose();
        if (Tape.Wants([input, weight, bias]))
        {
            Tape.Record(&PlaneNormGradient, result, [input, weight, bias]).SaveNumber(0).SaveNumber(eps);
        }

        return result;

        static void Move(Tensor running, int channel, double value, float momentum)
        {
            if (!running.IsNone)
            {
                running.Writable<float>()[channel] =
                    (float)(((1.0 - momentum) * running.Floats[channel]) + (momentum * value));
            }
        }
    }

    private static unsafe void PlaneNormGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), weight = entry.Input(1);
        int groups = (int)entry.Number(0);
        Tensor dx = entry.Wants(0) ? Result(input.Shape) : default;
        Tensor dweight = entry.Wants(1) ? Result(weight.Shape) : default;
        Tensor dbias = entry.Wants(2) ? Result(entry.Input(2).Shape) : default;
        PlaneNormKernels.Gradient(
            groups == 0 ? ChannelSets(input) : GroupSets(input, groups), input.Floats, OrNull(weight), (float)entry.Number(1),
            entry.OutputGrad().Floats, OrNull(dx), OrNull(dweight), OrNull(dbias));
        AddUnlessNone(entry, 0, dx);
        AddUnlessNone(entry, 1, dweight);
        AddUnlessNone(entry, 2, dbias);
    }

    private static unsafe void FixedNormGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), weight = entry.Input(1);
        Tensor dx = entry.Wants(0) ? Result(input.Shape) : default;
        Tensor dweight = entry.Wants(1) ? Result(weight.Shape) : default;
        Tensor dbias = entry.Wants(2) ? Result(entry.Input(2).Shape) : default;
        PlaneNormKernels.GradientFixed(
            ChannelSets(input), input.Floats, entry.Saved(0).Floats, entry.Saved(1).Floats, OrNull(weight), (float)entry.Number(0),
            entry.OutputGrad().Floats, OrNull(dx), OrNull(dweight), OrNull(dbias));
        AddUnlessNone(entry, 0, dx);
        AddUnlessNone(entry, 1, dweight);
        AddUnlessNone(entry, 2, dbias);
    }
}
