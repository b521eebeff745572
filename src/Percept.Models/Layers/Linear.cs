using Percept.Tensors;

namespace Percept.Models;

/// <summary>A linear layer: y = x·Wᵀ + b, over a weight of any format.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class Linear
{
    /// <summary>Makes a layer of a weight.</summary>
    /// <param name="weight">W [out, in].</param>
    /// <param name="bias">b, float32 [out]; null for none.</param>
    /// <param name="precision">How to multiply with weights that are not float32.</param>
    public Linear(Tensor weight, Tensor? bias = null, LinearPrecision precision = LinearPrecision.Exact)
        : this(weight, bias, precision, null)
    {
    }

    internal Linear(Tensor weight, Tensor? bias, LinearPrecision precision, LayerAdapters? adapters)
    {
        Weight = weight;
        Bias = bias;
        Precision = precision;
        Adapters = adapters;
    }

    /// <summary>W [out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>b [out], float32; null when there is none.</summary>
    public Tensor? Bias { get; }

    /// <summary>How products with weights that are not float32 are computed.</summary>
    public LinearPrecision Precision { get; }

    /// <summary>What adapters make of it; null for nothing.</summary>
    internal LayerAdapters? Adapters { get; }

    /// <summary>x·Wᵀ + b, and what the adapter that acts makes of it.</summary>
    /// <param name="input">x, float32 [..., in].</param>
    /// <returns>Float32 [..., out].</returns>
    public Tensor Forward(Tensor input) => Adapters?.Active is { } adapter ? adapter.Forward(this, input) : Plain(input);

    /// <summary>x·Wᵀ + b, without adapters.</summary>
    /// <param name="input">x, float32 [..., in].</param>
    /// <returns>Float32 [..., out].</returns>
    public Tensor Plain(Tensor input) => Ops.Linear(input, Weight, Bias, Precision);

    /// <summary>A layer of some of the outputs, over the same memory and without adapters.</summary>
    /// <param name="start">The first output.</param>
    /// <param name="count">How many.</param>
    public Linear Rows(int start, int count) => new(Weight.Rows(start, count), Bias?.Rows(start, count), Precision);
}
