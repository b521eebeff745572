using Percept.Tensors;

namespace Percept.Training;

/// <summary>Adagrad (Duchi et al., 2011), as in torch.optim without a decay of the rate.</summary>
/// <remarks>s ← s + g²; p ← p − rate·g/(√s + eps). State: <c>sum</c>.</remarks>
public sealed class Adagrad : Optimizer
{
    private readonly AdagradOptions _options;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Adagrad(IReadOnlyList<ParameterGroup> groups, AdagradOptions? options = null)
        : base(groups, (options ??= new AdagradOptions()).WeightDecay, static (weight, _) => [new("sum", weight.Shape)])
    {
        OptimizerChecks.NotNegative(options.Eps, "eps");
        _options = options with { };
    }

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale)
    {
        Tensor parameter = state.Parameter.Value, sum = state.Tensors[0];
        Tensor scaled = InPlace.WithDecay(gradient, scale, parameter, state.WeightDecay);
        Ops.AddInPlace(sum, Ops.Square(scaled));
        InPlace.Descend(parameter, Ops.Divide(scaled, Ops.Add(Ops.Sqrt(sum), (float)_options.Eps)), rate);
    }
}
