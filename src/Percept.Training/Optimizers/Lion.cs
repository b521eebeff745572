using Percept.Tensors;

namespace Percept.Training;

/// <summary>Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023).</summary>
/// <remarks>
/// u = sign(β₁·m + (1 − β₁)·g), sign(0) = 0; p ← p·(1 − rate·decay) − rate·u; m ← β₂·m + (1 − β₂)·g. Every element
/// moves by the rate, so the rate is three to ten times smaller than Adam's. State: <c>exp_avg</c>.
/// </remarks>
public sealed class Lion : Optimizer
{
    private readonly LionOptions _options;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Lion(IReadOnlyList<ParameterGroup> groups, LionOptions? options = null)
        : base(groups, (options ??= new LionOptions()).WeightDecay, static (weight, _) => [new("exp_avg", weight.Shape)])
    {
        OptimizerChecks.Decay(options.Beta1, "beta1");
        OptimizerChecks.Decay(options.Beta2, "beta2");
        _options = options with { };
    }

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale) => Ops.LionUpdate(
        state.Parameter.Value, gradient, state.Tensors[0],
        new LionStep(
            (float)rate, (float)_options.Beta1, (float)_options.Beta2, (float)state.WeightDecay, scale));
}
