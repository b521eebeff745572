using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Losses;

namespace Percept.Tensors;

/// <content>Connectionist temporal classification.</content>
public static partial class Ops
{
    /// <summary>
    /// −log of the probability of all alignments of the labels with the frames (Graves et al., 2006), from logits.
    /// </summary>
    /// <param name="logits">Float32 [B, T, V]; the softmax over V is part of the loss. Log-probabilities give the same.</param>
    /// <param name="targets">I32 or I64 [B, S]; places from a target's length on are not read.</param>
    /// <param name="inputLengths">I32 or I64 [B]: frames of each sequence, at most T.</param>
    /// <param name="targetLengths">I32 or I64 [B]: labels of each sequence, at most S.</param>
    /// <param name="options">Blank class, reduction, and what to do with impossible sequences.</param>
    /// <returns>A scalar, or [B] when nothing is reduced.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A length or a label is out of range, or a label is the blank.</exception>
    public static unsafe Tensor CtcLoss(
        Tensor logits, Tensor targets, Tensor inputLengths, Tensor targetLengths, CtcOptions? options = null)
    {
        CtcOptions settings = options ?? new CtcOptions();
        RequireFloat32(logits, nameof(logits));
        RequireRank(logits, 3, 3, nameof(logits));
        RequireIndices(targets, nameof(targets));
        RequireIndices(inputLengths, nameof(inputLengths));
        RequireIndices(targetLengths, nameof(targetLengths));
        int batch = logits.Shape[0];
        RequireRank(targets, 2, 2, nameof(targets));
        RequireShape(targets, [batch, targets.Shape[1]], nameof(targets));
        RequireShape(inputLengths, [batch], nameof(inputLengths));
        RequireShape(targetLengths, [batch], nameof(targetLengths));
        CtcKernel kernel = Ctc(logits, targets, inputLengths, targetLengths, settings);
        kernel.Check();
        Tensor losses = Result([batch]);
        kernel.Run(losses.Floats, null, null, false);
        Tensor result = losses;
        if (settings.Reduction != Reduction.None)
        {
            result = Result([]);
            *result.Floats = (float)kernel.Reduce(losses.Floats, settings.Reduction);
        }

        if (Tape.Wants(logits))
        {
            Tape.Record(&CtcGradient, result, [logits]).Save(targets).Save(inputLengths).Save(targetLengths).SaveState(settings);
        }

        return result;
    }

    private static unsafe CtcKernel Ctc(
        Tensor logits, Tensor targets, Tensor inputLengths, Tensor targetLengths, in CtcOptions settings) => new()
        {
            Logits = logits.Floats,
            Batch = logits.Shape[0],
            Frames = logits.Shape[1],
            Classes = logits.Shape[2],
            Targets = targets.Pointer,
            TargetsWide = targets.DType == DType.I64,
            MaximumLabels = targets.Shape[1],
            InputLengths = inputLengths.Pointer,
            InputLengthsWide = inputLengths.DType == DType.I64,
            TargetLengths = targetLengths.Pointer,
            TargetLengthsWide = targetLengths.DType == DType.I64,
            Options = settings,
        };

    private static unsafe void CtcGradient(TapeEntry entry)
    {
        Tensor logits = entry.Input(0), gradient = Zeros(logits.Shape), upstream = entry.OutputGrad();
        CtcOptions settings = entry.State<CtcOptions>();
        CtcKernel kernel = Ctc(logits, entry.Saved(0), entry.Saved(1), entry.Saved(2), settings);
        kernel.Run(null, gradient.Floats, upstream.Floats, settings.Reduction == Reduction.None);
        entry.Add(0, gradient);
    }
}
