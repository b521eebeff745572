using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// y = x·Wᵀ + s·(x·Aᵀ)·Bᵀ + b (LoRA); with a magnitude m, y = (x·Wᵀ + s·(x·Aᵀ)·Bᵀ)·m/‖W + s·B·A‖ + b (DoRA), the norm being
/// that of each row and a constant for the gradient.
/// </summary>
/// <remarks>References: Hu et al. 2021, Kalajdzievski 2023 (rsLoRA), Liu et al. 2024 (DoRA); peft 0.21.</remarks>
internal sealed class LoraAdapter : ILinearAdapter
{
    private readonly Tensor _down;
    private readonly Tensor _up;
    private readonly Tensor? _magnitude;
    private readonly float _scale;
    private readonly AdapterDropout? _dropout;

    /// <summary>Makes it of its weights.</summary>
    /// <param name="down">A [r, in].</param>
    /// <param name="up">B [out, r].</param>
    /// <param name="magnitude">m [out]; null for plain LoRA.</param>
    /// <param name="scale">s.</param>
    /// <param name="dropout">What the products do not see in training; null for nothing.</param>
    internal LoraAdapter(Parameter down, Parameter up, Parameter? magnitude, double scale, AdapterDropout? dropout)
    {
        _down = down.Value;
        _up = up.Value;
        _magnitude = magnitude?.Value;
        _scale = (float)scale;
        _dropout = dropout;
        Parameters = magnitude is null ? [down, up] : [down, up, magnitude];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public Tensor Forward(Linear layer, Tensor input)
    {
        if (_magnitude is null && _dropout is not { Drops: true })
        {
            return Ops.LowRankLinear(input, layer.Weight, layer.Bias, _down, _up, _scale, layer.Precision);
        }

        Tensor seen = _dropout?.Apply(input) ?? input;
        Tensor product = Ops.Linear(Ops.Scale(Ops.Linear(seen, _down), _scale), _up);
        if (_magnitude is not { } magnitude)
        {
            return Ops.Add(layer.Plain(input), product);
        }

        Tensor sum = Ops.Add(Ops.Linear(input, layer.Weight, null, layer.Precision), product);
        Tensor scaled = Ops.Multiply(sum, Ops.Divide(magnitude, RowNorms(layer)));
        return layer.Bias is { } bias ? Ops.Add(scaled, bias) : scaled;
    }

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merge(Linear layer)
    {
        Tensor weight = Sum(layer);
        if (_magnitude is { } magnitude)
        {
            Tensor factors = Ops.Divide(magnitude, Ops.Norm(weight));
            weight = Ops.Multiply(weight, Ops.Reshape(factors, [factors.Shape[0], 1]));
        }

        return (weight, layer.Bias);
    }

    private Tensor Sum(Linear layer) =>
        Ops.Add(Ops.Cast(layer.Weight, DType.F32), Ops.Scale(Ops.MatMul(_up, _down), _scale));

    private Tensor RowNorms(Linear layer)
    {
        using GradientSwitch off = Gradients.Off();
        using WorkScope scope = WorkScope.Open();
        return scope.Keep(Ops.Norm(Sum(layer)));
    }
}
