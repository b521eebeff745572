using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Rectified flow (Liu et al., 2022) with the signs of Stable Diffusion 3: σ = 0 is data, σ = 1 is noise.
/// </summary>
public static class FlowMatching
{
    /// <summary>(1 − σ)·data + σ·noise.</summary>
    /// <param name="data">Float32 [B, ...].</param>
    /// <param name="noise">Float32 of the same shape.</param>
    /// <param name="sigmas">Float32 [B].</param>
    /// <returns>Float32 [B, ...].</returns>
    public static Tensor AddNoise(Tensor data, Tensor noise, Tensor sigmas) =>
        Ops.Lerp(data, noise, LossMath.PerItem(sigmas.Span<float>(), data));

    /// <summary>What the model is to predict: noise − data, the same at every σ.</summary>
    /// <param name="data">Float32 [B, ...].</param>
    /// <param name="noise">Float32 of the same shape.</param>
    /// <returns>Float32 [B, ...].</returns>
    public static Tensor Target(Tensor data, Tensor noise) => Ops.Subtract(noise, data);

    /// <summary>Noise levels that favour the middle: the sigmoid of normally distributed numbers.</summary>
    /// <param name="draws">Float32 [B], normally distributed.</param>
    /// <returns>Float32 [B], between 0 and 1.</returns>
    public static Tensor LogitNormal(Tensor draws) => Ops.Sigmoid(draws);

    /// <summary>Moves noise levels up for large pictures: s·σ/(1 + (s − 1)·σ).</summary>
    /// <param name="sigmas">Float32 [B].</param>
    /// <param name="shift">s, above 0; 1 changes nothing.</param>
    /// <returns>Float32 [B].</returns>
    public static Tensor Shift(Tensor sigmas, float shift)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shift);
        return Ops.Divide(Ops.Scale(sigmas, shift), Ops.Affine(sigmas, shift - 1, 1f));
    }
}
