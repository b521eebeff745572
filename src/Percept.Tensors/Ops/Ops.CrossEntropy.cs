using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Losses;

namespace Percept.Tensors;

/// <content>Cross-entropy.</content>
public static partial class Ops
{
    /// <summary>
    /// Softmax and negative log-likelihood in one: for each row w[t]·((1 − e)·nll(t)) + e·mean over classes of w·(−log p).
    /// </summary>
    /// <param name="logits">Float32 [N, C] or [N, C, …]; the classes stand in axis 1 ([C] is a single row).</param>
    /// <param name="target">I32 or I64 [N] or [N, …]: a class or the ignored index.</param>
    /// <param name="options">Ignored index, smoothing, reduction and divisor.</param>
    /// <param name="classWeight">Float32 [C], a weight for each class; the mean divides by the weights of the targets.</param>
    /// <param name="rowWeight">Float32 of the target's shape, a weight for each row; the mean divides by their sum.</param>
    /// <returns>A scalar, or one value a row when nothing is reduced. A mean over no target at all is NaN, as in PyTorch.</returns>
    /// <remarks>Keeps one number a row for the gradient, besides the logits themselves.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A target is no class and not ignored, or the smoothing is not in [0, 1].</exception>
    public static unsafe Tensor CrossEntropy(
        Tensor logits, Tensor target, CrossEntropyOptions? options = null, Tensor? classWeight = null, Tensor? rowWeight = null)
    {
        CrossEntropyOptions settings = options ?? new CrossEntropyOptions();
        RequireFloat32(logits, nameof(logits));
        RequireIndices(target, nameof(target));
        RequireRank(logits, 1, Shape.MaxRank, nameof(logits));
        RequireReduction(settings.Reduction);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.LabelSmoothing, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.LabelSmoothing, 1f, nameof(options));
        int axis = logits.Rank == 1 ? 0 : 1;
        RequireShape(target, logits.Shape.Without(axis), nameof(target));
        CheckWeights(logits, target, classWeight, rowWeight, axis);

        CrossEntropyRows rows = Rows(logits, target, classWeight, rowWeight, settings, axis);
        rows.RequireTargets(nameof(target));
        int count = checked((int)target.Count);
        Tensor normaliser = Temporary([count]);
        Tensor losses = settings.Reduction == Reduction.None ? Result(target.Shape) : Temporary(target.Shape);
        rows.Forward(normaliser.Floats, losses.Floats);
        double divisor = settings.Reduction switch
        {
            Reduction.None => 1,
            Reduction.Mean => settings.Divisor ?? rows.WeightOfTargets(),
            Reduction.BatchMean => settings.Divisor ?? logits.Shape[0],
            _ => settings.Divisor ?? 1,
        };
        Tensor result = settings.Reduction == Reduction.None ? losses : ReducedSum(losses, divisor);
        if (Tape.Wants(logits))
        {
            Tape.Record(&CrossEntropyGradient, result, [logits])
                .Save(target).Save(normaliser).Save(OrNone(classWeight)).Save(OrNone(rowWeight))
                .SaveNumber(divisor).SaveState(settings);
        }

        return settings.Reduction == Reduction.None ? Owning(result, normaliser) : Owning(result, normaliser, losses);
    }

    /// <summary>
    /// The loss of a language model: logits at each place against the label of the next place, over labels that are not
    /// ignored, in the whole batch.
    /// </summary>
    /// <param name="logits">Float32 [B, T, V].</param>
    /// <param name="labels">I32 or I64 [B, T].</param>
    /// <param name="options">Ignored index, smoothing, reduction and divisor.</param>
    /// <returns>A scalar, or [B, T] when nothing is reduced, where the last place of each row is 0.</returns>
    public static unsafe Tensor CausalLanguageModelLoss(Tensor logits, Tensor labels, CrossEntropyOptions? options = null)
    {
        CrossEntropyOptions settings = options ?? new CrossEntropyOptions();
        RequireRank(logits, 3, 3, nameof(logits));
        RequireIndices(labels, nameof(labels));
        RequireShape(labels, logits.Shape.Without(-1), nameof(labels));

        // The shift moves the labels, which are small, and leaves the logits where they are.
        Tensor shifted = Temporary([checked((int)labels.Count)], DType.I64);
        IndexKernels.ShiftLeft(labels, settings.IgnoreIndex, (long*)shifted.Pointer);
        Tensor flat = Reshape(logits, [checked((int)labels.Count), logits.Shape[2]]);
        Tensor loss = CrossEntropy(flat, shifted, settings);
        return settings.Reduction == Reduction.None
            ? Owning(Reshape(loss, labels.Shape), shifted, flat, loss)
            : Owning(loss, shifted, flat);
    }

    private static void CheckWeights(Tensor logits, Tensor target, Tensor? classWeight, Tensor? rowWeight, int axis)
    {
        RequireNoGradient(classWeight, nameof(classWeight));
        RequireNoGradient(rowWeight, nameof(rowWeight));
        if (classWeight is { } perClass)
        {
            RequireFloat32(perClass, nameof(classWeight));
            RequireShape(perClass, [logits.Shape[axis]], nameof(classWeight));
        }

        if (rowWeight is { } perRow)
        {
            RequireFloat32(perRow, nameof(rowWeight));
            RequireShape(perRow, target.Shape, nameof(rowWeight));
        }
    }

    private static unsafe CrossEntropyRows Rows(
        Tensor logits, Tensor target, Tensor? classWeight, Tensor? rowWeight, in CrossEntropyOptions settings, int axis) => new()
        {
            Logits = logits.Floats,
            Classes = logits.Shape[axis],
            Inner = logits.Shape.CountFrom(axis + 1),
            Targets = target.Pointer,
            Wide = target.DType == DType.I64,
            Count = target.Count,
            ClassWeight = classWeight is { IsNone: false } perClass ? perClass.Floats : null,
            RowWeight = rowWeight is { IsNone: false } perRow ? perRow.Floats : null,
            IgnoreIndex = settings.IgnoreIndex,
            Smoothing = settings.LabelSmoothing,
        };

    private static unsafe Tensor ReducedSum(Tensor values, double divisor)
    {
        Tensor result = Result([]);
        *result.Floats = (float)(LossSums.Sum(values.Floats, values.Count) / divisor);
        return result;
    }

    private static unsafe void CrossEntropyGradient(TapeEntry entry)
    {
        Tensor logits = entry.Input(0), target = entry.Saved(0), upstream = entry.OutputGrad();
        CrossEntropyOptions settings = entry.State<CrossEntropyOptions>();
        CrossEntropyRows rows = Rows(
            logits, target, entry.Saved(2), entry.Saved(3), settings, logits.Rank == 1 ? 0 : 1);

        // Logits over a large vocabulary are among the largest tensors of a step.
        Tensor gradient = entry.MayOverwrite(0) ? ResultView(logits, 0, logits.Shape) : Result(logits.Shape);
        rows.Backward(
            entry.Saved(1).Floats, upstream.Floats, settings.Reduction == Reduction.None, entry.Number(0), gradient.Floats);
        entry.Add(0, gradient);
    }
}
