using Percept.Tensors;

namespace Percept.Models;

/// <summary>Losses of models that paint hidden parts of a picture or clip, as masked auto-encoders do.</summary>
public static class MaskedPatchLoss
{
    private const float Eps = 1e-6f;

    /// <summary>The mean square over each hidden patch's numbers, then the mean over hidden patches.</summary>
    /// <param name="predicted">Float32 [B, N, D].</param>
    /// <param name="target">Float32 [B, N, D].</param>
    /// <param name="mask">Float32 [B, N]: 1 for hidden patches, 0 for seen ones.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor OfHidden(Tensor predicted, Tensor target, Tensor mask)
    {
        Dims.Match(predicted, "b n d").And(target, "b n d").And(mask, "b n");
        Tensor errors = Ops.Mean(Ops.Square(Ops.Subtract(predicted, target)), -1);
        return Ops.Divide(Ops.Sum(Ops.Multiply(errors, mask)), Ops.Sum(mask));
    }

    /// <summary>
    /// Each patch with mean 0 and unbiased variance 1 over its own numbers: what MAE paints with <c>norm_pix_loss</c>.
    /// </summary>
    /// <param name="patches">Float32 [..., D].</param>
    /// <returns>Float32 [..., D].</returns>
    public static Tensor Normalised(Tensor patches)
    {
        Tensor centred = Ops.Subtract(patches, Ops.Mean(patches, -1, keepAxis: true));
        return Ops.Divide(centred, Ops.Sqrt(Ops.Add(Ops.Variance(patches, [-1], keepAxes: true), Eps)));
    }

    /// <summary>
    /// What VideoMAE paints: each channel of a tubelet with mean 0 over its own pixels, divided by its unbiased
    /// deviation + 10⁻⁶.
    /// </summary>
    /// <param name="tubelets">Float32 [B, N, pixels, channels].</param>
    /// <returns>Float32 of the same shape.</returns>
    public static Tensor NormalisedByChannel(Tensor tubelets)
    {
        Dims.Match(tubelets, "b n p c");
        Tensor centred = Ops.Subtract(tubelets, Ops.Mean(tubelets, 2, keepAxis: true));
        return Ops.Divide(centred, Ops.Add(Ops.StandardDeviation(tubelets, [2], keepAxes: true), Eps));
    }
}
