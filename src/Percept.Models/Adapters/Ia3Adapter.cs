using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>y = (x·Wᵀ + b)·l, or y = (x·l)·Wᵀ + b in feed-forward layers (Liu et al. 2022).</summary>
internal sealed class Ia3Adapter : ILinearAdapter
{
    private readonly Tensor _factors;
    private readonly bool _ofInput;

    /// <summary>Makes it of its factors.</summary>
    /// <param name="factors">l: [out, 1], or [1, in] where it multiplies the input.</param>
    /// <param name="ofInput">Whether it multiplies the input.</param>
    internal Ia3Adapter(Parameter factors, bool ofInput)
    {
        _factors = factors.Value;
        _ofInput = ofInput;
        Parameters = [factors];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public Tensor Forward(Linear layer, Tensor input)
    {
        Tensor factors = Ops.Reshape(_factors, [checked((int)_factors.Count)]);
        return _ofInput ? layer.Plain(Ops.Multiply(input, factors)) : Ops.Multiply(layer.Plain(input), factors);
    }

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merge(Linear layer)
    {
        Tensor weight = Ops.Multiply(Ops.Cast(layer.Weight, DType.F32), _factors);
        Tensor? bias = layer.Bias is { } b && !_ofInput ? Ops.Multiply(b, Ops.Reshape(_factors, [b.Shape[0]])) : layer.Bias;
        return (weight, bias);
    }
}
