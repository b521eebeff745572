using Percept.Tensors;

namespace Percept.Models;

/// <summary>A norm over the last axis: RMS norm or layer norm.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class Norm
{
    private readonly bool _centred;
    private readonly bool _unitOffset;

    private Norm(Tensor? weight, Tensor? bias, float eps, bool centred, bool unitOffset)
    {
        Weight = weight;
        Bias = bias;
        Eps = eps;
        _centred = centred;
        _unitOffset = unitOffset;
    }

    /// <summary>The factor of each channel [D]; null for none.</summary>
    public Tensor? Weight { get; }

    /// <summary>The addend of each channel [D]; null for none.</summary>
    public Tensor? Bias { get; }

    /// <summary>What is added before the root.</summary>
    public float Eps { get; }

    /// <summary>x / √(mean(x²) + eps) · w.</summary>
    /// <param name="weight">w [D]; null for 1.</param>
    /// <param name="eps">What is added to the mean square.</param>
    /// <param name="unitOffset">Whether the factor is 1 + w (Gemma).</param>
    public static Norm Rms(Tensor? weight, float eps, bool unitOffset = false) => new(weight, null, eps, false, unitOffset);

    /// <summary>(x − mean) / √(variance + eps) · w + b.</summary>
    /// <param name="weight">w [D]; null for 1.</param>
    /// <param name="bias">b [D]; null for 0.</param>
    /// <param name="eps">What is added to the variance.</param>
    public static Norm Layer(Tensor? weight, Tensor? bias, float eps) => new(weight, bias, eps, true, false);

    /// <summary>The normed input.</summary>
    /// <param name="input">Float32 [..., D].</param>
    /// <returns>Float32 [..., D].</returns>
    public Tensor Forward(Tensor input) => _centred
        ? Ops.LayerNorm(input, Weight, Bias, Eps)
        : Ops.RmsNorm(input, Weight, Eps, _unitOffset);
}
