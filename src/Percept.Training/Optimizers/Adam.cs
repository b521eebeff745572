using Percept.Tensors;

namespace Percept.Training;

/// <summary>Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), as in torch.optim.</summary>
/// <remarks>
/// AdamW: p ← p·(1 − rate·decay), then p ← p − rate·m̂/(√v̂ + eps). State: <c>exp_avg</c>, <c>exp_avg_sq</c>, and
/// <c>max_exp_avg_sq</c> with AMSGrad, each of the weight's shape.
/// </remarks>
public sealed class Adam : Optimizer
{
    private readonly AdamOptions _options;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings; AdamW's defaults when left out.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Adam(IReadOnlyList<ParameterGroup> groups, AdamOptions? options = null)
        : base(groups, (options ??= new AdamOptions()).WeightDecay, Slots(options.AmsGrad))
    {
        OptimizerChecks.Decay(options.Beta1, "beta1");
        OptimizerChecks.Decay(options.Beta2, "beta2");
        OptimizerChecks.NotNegative(options.Eps, "eps");
        _options = options with { };
    }

    /// <summary>The tensors of one weight.</summary>
    internal static StateSlot[] Slots(Tensor weight) =>
        [new("exp_avg", weight.Shape), new("exp_avg_sq", weight.Shape)];

    /// <summary>One step of Adam without AMSGrad.</summary>
    internal static void Move(ParameterState state, Tensor gradient, double rate, float scale, AdamOptions options) =>
        Ops.AdamUpdate(
            state.Parameter.Value, gradient, state.Tensors[0], state.Tensors[1],
            new AdamStep(
                state.Steps, rate, options.Beta1, options.Beta2, options.Eps, state.WeightDecay, options.Decoupled, scale));

    private static Func<Tensor, ParameterGroup, StateSlot[]> Slots(bool amsGrad) => amsGrad
        ? static (weight, _) => [.. Slots(weight), new("max_exp_avg_sq", weight.Shape)]
        : static (weight, _) => Slots(weight);

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale)
    {
        if (!_options.AmsGrad)
        {
            Move(state, gradient, rate, scale, _options);
            return;
        }

        Tensor parameter = state.Parameter.Value;
        Tensor first = state.Tensors[0], second = state.Tensors[1], greatest = state.Tensors[2];
        Tensor scaled = InPlace.WithDecay(gradient, scale, parameter, _options.Decoupled ? 0 : state.WeightDecay);
        InPlace.Average(first, _options.Beta1, scaled);
        InPlace.Average(second, _options.Beta2, Ops.Square(scaled));
        Ops.CopyTo(Ops.Maximum(greatest, second), greatest);

        // The greatest is taken of the uncorrected means.
        double inverseRoot = 1 / Math.Sqrt(1 - Math.Pow(_options.Beta2, state.Steps));
        Tensor divisor = Ops.Affine(Ops.Sqrt(greatest), (float)inverseRoot, (float)_options.Eps);
        if (_options.Decoupled)
        {
            Ops.ScaleInPlace(parameter, (float)(1 - (rate * state.WeightDecay)));
        }

        InPlace.Descend(parameter, Ops.Divide(first, divisor), rate / (1 - Math.Pow(_options.Beta1, state.Steps)));
    }
}
