using Percept.Tensors;

namespace Percept.Training;

/// <summary>Losses of detectors that predict a set of boxes (DETR and what followed it).</summary>
public static class DetectionLosses
{
    /// <summary>
    /// The sigmoid focal loss (Lin et al., 2017): α_t·(1 − p_t)^γ·BCE, the mean over axis 1, the sum over the rest,
    /// over the number of boxes.
    /// </summary>
    /// <param name="logits">Float32 [B, Q, ...].</param>
    /// <param name="targets">0 or 1, float32 of the same shape.</param>
    /// <param name="boxes">The number of boxes in the batch, above 0.</param>
    /// <param name="alpha">The weight of positives; negative for none.</param>
    /// <param name="gamma">How much easy ones count less.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor SigmoidFocal(Tensor logits, Tensor targets, float boxes, float alpha = 0.25f, float gamma = 2f)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(boxes);
        Tensor entropy = Ops.BinaryCrossEntropyWithLogits(logits, targets, reduction: Reduction.None);

        // 1 − p_t = p + t − 2·p·t.
        Tensor p = Ops.Sigmoid(logits);
        Tensor missed = Ops.Subtract(Ops.Add(p, targets), Ops.Scale(Ops.Multiply(p, targets), 2f));
        Tensor loss = Ops.Multiply(entropy, Ops.Power(missed, gamma));
        if (alpha >= 0)
        {
            loss = Ops.Multiply(loss, Ops.Affine(targets, (2 * alpha) - 1, 1 - alpha));
        }

        return Ops.Scale(Ops.Sum(Ops.Mean(loss, 1)), 1f / boxes);
    }

    /// <summary>
    /// The dice loss of masks: 1 − (2·Σ p·t + 1)/(Σ p + Σ t + 1) for each row, their sum over the number of boxes.
    /// </summary>
    /// <param name="logits">Float32 [N, pixels].</param>
    /// <param name="targets">0 or 1, float32 of the same shape.</param>
    /// <param name="boxes">The number of boxes in the batch, above 0.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Dice(Tensor logits, Tensor targets, float boxes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(boxes);
        Dims.Match(logits, "n p").And(targets, "n p");
        Tensor p = Ops.Sigmoid(logits);
        Tensor shared = Ops.Affine(Ops.Sum(Ops.Multiply(p, targets), 1), 2f, 1f);
        Tensor all = Ops.Add(Ops.Add(Ops.Sum(p, 1), Ops.Sum(targets, 1)), 1f);
        return Ops.Scale(Ops.Sum(Ops.Affine(Ops.Divide(shared, all), -1f, 1f)), 1f / boxes);
    }

    /// <summary>Σ (1 − GIoU) of matched pairs, over the number of boxes.</summary>
    /// <param name="boxes">Float32 [N, 4].</param>
    /// <param name="targets">Float32 [N, 4].</param>
    /// <param name="count">The number of boxes in the batch, above 0.</param>
    /// <param name="format">What the four numbers are.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Giou(Tensor boxes, Tensor targets, float count, BoxFormat format = BoxFormat.Centre)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Shape shape = [Dims.Match(boxes, "n 4").And(targets, "n 4")["n"]];
        Tensor iou = BoxSides.GeneralisedIou(BoxSides.Of(boxes, format, shape), BoxSides.Of(targets, format, shape));
        return Ops.Scale(Ops.Sum(Ops.Affine(iou, -1f, 1f)), 1f / count);
    }

    /// <summary>The generalised intersection over union of each box with each other, from −1 to 1.</summary>
    /// <param name="a">Float32 [N, 4].</param>
    /// <param name="b">Float32 [M, 4].</param>
    /// <param name="format">What the four numbers are.</param>
    /// <returns>Float32 [N, M].</returns>
    public static Tensor GiouMatrix(Tensor a, Tensor b, BoxFormat format = BoxFormat.Centre)
    {
        Dims dims = Dims.Match(a, "n 4").And(b, "m 4");
        return BoxSides.GeneralisedIou(
            BoxSides.Of(a, format, [dims["n"], 1]), BoxSides.Of(b, format, [1, dims["m"]]));
    }

    /// <summary>Σ |box − target| of matched pairs, over the number of boxes.</summary>
    /// <param name="boxes">Float32 [N, 4].</param>
    /// <param name="targets">Float32 [N, 4].</param>
    /// <param name="count">The number of boxes in the batch, above 0.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor L1(Tensor boxes, Tensor targets, float count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return Ops.Scale(Ops.L1Loss(boxes, targets, Reduction.Sum), 1f / count);
    }
}
