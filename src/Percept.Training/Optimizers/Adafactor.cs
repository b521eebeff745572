using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Adafactor (Shazeer and Stern, 2018), as in transformers: squares are remembered by row and by column only.
/// </summary>
/// <remarks>
/// A matrix [n, m] takes a state of n + m numbers (further axes in front are kept), a vector one of its own size.
/// State: <c>exp_avg_sq_row</c> and <c>exp_avg_sq_col</c>, or <c>exp_avg_sq</c>, and <c>exp_avg</c> with a first
/// moment.
/// </remarks>
public sealed class Adafactor : Optimizer
{
    private readonly AdafactorOptions _options;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Adafactor(IReadOnlyList<ParameterGroup> groups, AdafactorOptions? options = null)
        : base(groups, (options ??= new AdafactorOptions()).WeightDecay, Slots(options.Beta1 is not null))
    {
        OptimizerChecks.Decay(options.Beta1 ?? 0, "beta1");
        OptimizerChecks.NotNegative(options.Eps, "eps");
        OptimizerChecks.NotNegative(options.LeastScale, "least scale");
        OptimizerChecks.Positive(options.ClipThreshold, "clip threshold");
        if (options.WarmupInit && !options.RelativeStep)
        {
            throw new ArgumentException("'WarmupInit' needs 'RelativeStep'.", nameof(options));
        }

        _options = options with { };
    }

    private static Func<Tensor, ParameterGroup, StateSlot[]> Slots(bool first) => (weight, _) =>
    [
        .. weight.Rank >= 2
            ? new StateSlot[]
            {
                new("exp_avg_sq_row", weight.Shape.Without(-1)), new("exp_avg_sq_col", weight.Shape.Without(-2)),
            }
            : [new("exp_avg_sq", weight.Shape)],
        .. first ? new StateSlot[] { new("exp_avg", weight.Shape) } : [],
    ];

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale)
    {
        Tensor parameter = state.Parameter.Value;
        if (parameter.Count == 0)
        {
            return;
        }

        double given = _options.RelativeStep ? RelativeRate(state.Steps) * state.Group.LearningRateFactor : rate;
        double used = _options.ScaleParameter ? given * Math.Max(_options.LeastScale, RootMeanSquare(parameter)) : given;
        double beta2 = 1 - Math.Pow(state.Steps, _options.DecayRate);
        Tensor scaled = InPlace.WithDecay(gradient, scale, parameter, 0);
        Tensor squares = Ops.Add(Ops.Square(scaled), (float)_options.Eps);
        Tensor update = parameter.Rank >= 2
            ? Factored(state, scaled, squares, beta2)
            : Whole(state, scaled, squares, beta2);
        double factor = used / Math.Max(1, RootMeanSquare(update) / _options.ClipThreshold);
        if (_options.Beta1 is { } beta1)
        {
            Tensor first = state.Tensors[^1];
            InPlace.Mix(first, beta1, update, (1 - beta1) * factor);
            (update, factor) = (first, 1);
        }

        if (state.WeightDecay != 0)
        {
            Ops.ScaleInPlace(parameter, (float)(1 - (state.WeightDecay * used)));
        }

        InPlace.Descend(parameter, update, factor);
    }

    private static Tensor Whole(ParameterState state, Tensor gradient, Tensor squares, double beta2)
    {
        InPlace.Average(state.Tensors[0], beta2, squares);
        return Ops.Multiply(gradient, Ops.Rsqrt(state.Tensors[0]));
    }

    /// <summary>The gradient over the root of rows·columns/mean of rows.</summary>
    private static Tensor Factored(ParameterState state, Tensor gradient, Tensor squares, double beta2)
    {
        Tensor row = state.Tensors[0], column = state.Tensors[1];
        InPlace.Average(row, beta2, Ops.Mean(squares, -1));
        InPlace.Average(column, beta2, Ops.Mean(squares, -2));
        Tensor rows = Ops.Rsqrt(Ops.Divide(row, Ops.Mean(row, -1, keepAxis: true)));
        Tensor columns = Ops.Rsqrt(column);
        Shape shape = gradient.Shape;
        return Ops.Multiply(
            Ops.Multiply(gradient, Ops.Reshape(rows, shape.With(-1, 1))), Ops.Reshape(columns, shape.With(-2, 1)));
    }

    private double RelativeRate(long step) =>
        Math.Min(_options.WarmupInit ? 1e-6 * step : 1e-2, 1 / Math.Sqrt(step));

    private static double RootMeanSquare(Tensor tensor) => Math.Sqrt(Ops.SumOfSquares(tensor) / tensor.Count);
}
