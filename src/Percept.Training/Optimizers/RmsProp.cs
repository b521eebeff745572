using Percept.Tensors;

namespace Percept.Training;

/// <summary>RMSprop (Tieleman and Hinton, 2012), as in torch.optim.</summary>
/// <remarks>
/// s ← α·s + (1 − α)·g²; buffer ← momentum·buffer + g/(√s + eps); p ← p − rate·buffer. State: <c>square_avg</c>, and
/// <c>momentum_buffer</c> with momentum.
/// </remarks>
public sealed class RmsProp : Optimizer
{
    private readonly RmsPropOptions _options;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public RmsProp(IReadOnlyList<ParameterGroup> groups, RmsPropOptions? options = null)
        : base(groups, (options ??= new RmsPropOptions()).WeightDecay, Slots(options.Momentum))
    {
        OptimizerChecks.Decay(options.Alpha, "alpha");
        OptimizerChecks.Decay(options.Momentum, "momentum");
        OptimizerChecks.NotNegative(options.Eps, "eps");
        _options = options with { };
    }

    private static Func<Tensor, ParameterGroup, StateSlot[]> Slots(double momentum) => momentum == 0
        ? static (weight, _) => [new("square_avg", weight.Shape)]
        : static (weight, _) => [new("square_avg", weight.Shape), new("momentum_buffer", weight.Shape)];

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale)
    {
        Tensor parameter = state.Parameter.Value, squares = state.Tensors[0];
        Tensor scaled = InPlace.WithDecay(gradient, scale, parameter, state.WeightDecay);
        InPlace.Average(squares, _options.Alpha, Ops.Square(scaled));
        Tensor direction = Ops.Divide(scaled, Ops.Add(Ops.Sqrt(squares), (float)_options.Eps));
        if (_options.Momentum != 0)
        {
            InPlace.Mix(state.Tensors[1], _options.Momentum, direction, 1);
            direction = state.Tensors[1];
        }

        InPlace.Descend(parameter, direction, rate);
    }
}
