using Percept.Tensors;

namespace Percept.Training;

/// <summary>Stochastic gradient descent with momentum, as in torch.optim.</summary>
/// <remarks>
/// g ← g + decay·p; buffer ← momentum·buffer + (1 − dampening)·g, the first buffer is g; p ← p − rate·buffer, or
/// rate·(g + momentum·buffer) with Nesterov's look-ahead. State with momentum: <c>momentum_buffer</c>.
/// </remarks>
public sealed class Sgd : Optimizer
{
    private readonly SgdOptions _options;

    /// <summary>Makes an optimizer.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings; plain descent when left out.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Sgd(IReadOnlyList<ParameterGroup> groups, SgdOptions? options = null)
        : base(groups, (options ??= new SgdOptions()).WeightDecay, Slots(options.Momentum))
    {
        OptimizerChecks.Decay(options.Momentum, "momentum");
        OptimizerChecks.NotNegative(options.Dampening, "dampening");
        if (options.Nesterov && (options.Momentum == 0 || options.Dampening != 0))
        {
            throw new ArgumentException("Nesterov's look-ahead needs a momentum and no dampening.", nameof(options));
        }

        _options = options with { };
    }

    private static Func<Tensor, ParameterGroup, StateSlot[]> Slots(double momentum) => momentum == 0
        ? static (_, _) => []
        : static (weight, _) => [new("momentum_buffer", weight.Shape)];

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale) =>
        Ops.SgdUpdate(
            state.Parameter.Value, gradient, state.Tensors.Length == 0 ? null : state.Tensors[0],
            new SgdStep(
                First: state.Steps == 1, (float)rate, (float)_options.Momentum, (float)_options.Dampening, _options.Nesterov,
                (float)state.WeightDecay, scale));
}
