using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Muon (Jordan et al., 2024): the momentum of each matrix is replaced by the nearest matrix with orthogonal rows or
/// columns.
/// </summary>
/// <remarks>
/// <para>
/// The Newton–Schulz iteration x ← a·x + (b·A + c·A²)·x with A = x·xᵀ and (a, b, c) = (3.4445, −4.7750, 2.0315) has the products of
/// <see cref="Precision"/>. PyTorch rounds all of it to bfloat16, so its weights differ in the third digit of a step.
/// </para>
/// <para>
/// Weights that are no matrices, and groups with <see cref="ParameterGroup.Orthogonalises"/> off, take steps of AdamW
/// at the same rate. State: <c>momentum_buffer</c>, or AdamW's.
/// </para>
/// </remarks>
public sealed class Muon : Optimizer
{
    private const float A = 3.4445f;
    private const float B = -4.7750f;
    private const float C = 2.0315f;
    private const double LeastNorm = 1e-7;

    /// <summary>Up to so many elements the products of a matrix, fifteen and as many passes over it, take about as long as threads take to meet.</summary>
    private const long MostOfSmall = 1L << 18;

    private readonly MuonOptions _options;
    private readonly AdamOptions _others;

    /// <summary>Makes an optimizer with a state of zeros.</summary>
    /// <param name="groups">The weights.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Muon(IReadOnlyList<ParameterGroup> groups, MuonOptions? options = null)
        : base(groups, (options ??= new MuonOptions()).WeightDecay, Slots)
    {
        OptimizerChecks.Decay(options.Momentum, "momentum");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Iterations);
        if (options.Others.AmsGrad)
        {
            throw new ArgumentException("Muon has no AMSGrad for its other weights.", nameof(options));
        }

        OptimizerChecks.Decay(options.Others.Beta1, "beta1");
        OptimizerChecks.Decay(options.Others.Beta2, "beta2");
        _options = options with { };
        _others = options.Others with { };
    }

    private static StateSlot[] Slots(Tensor weight, ParameterGroup group) =>
        Orthogonalised(weight, group) ? [new("momentum_buffer", weight.Shape)] : Adam.Slots(weight);

    private protected override bool IsSmall(ParameterState state) =>
        Orthogonalised(state.Parameter.Value, state.Group) && state.Parameter.Value.Count <= MostOfSmall;

    private static bool Orthogonalised(Tensor weight, ParameterGroup group) => group.Orthogonalises && weight.Rank == 2;

    private protected override void Update(ParameterState state, Tensor gradient, double rate, float scale)
    {
        Tensor parameter = state.Parameter.Value;
        if (!Orthogonalised(parameter, state.Group))
        {
            Adam.Move(state, gradient, rate, scale, _others);
            return;
        }

        Tensor buffer = state.Tensors[0];
        InPlace.Mix(buffer, _options.Momentum, gradient, (1 - _options.Momentum) * scale);
        Tensor direction = buffer;
        if (_options.Nesterov)
        {
            direction = Ops.Scale(gradient, (float)((1 - _options.Momentum) * scale));
            InPlace.Mix(direction, 1, buffer, _options.Momentum);
        }

        double rows = parameter.Shape[0], columns = parameter.Shape[1];
        double factor = _options.MatchAdam ? 0.2 * Math.Sqrt(Math.Max(rows, columns)) : Math.Sqrt(Math.Max(1, rows / columns));
        Ops.ScaleInPlace(parameter, (float)(1 - (rate * state.WeightDecay)));
        InPlace.Descend(parameter, Orthogonal(direction), rate * factor);
    }

    /// <summary>
    /// How the products of the iteration are computed: float32 at first. <see cref="LinearPrecision.Mixed"/> is good enough for training, since
    /// an orthogonal matrix is only approached, and twice as fast.
    /// </summary>
    public LinearPrecision Precision { get; set; }

    private Tensor Orthogonal(Tensor matrix)
    {
        // The product with itself is taken over the shorter side; the tall form has the matrix A on the right, where it is symmetric.
        bool tall = matrix.Shape[0] > matrix.Shape[1];
        double norm = Math.Max(Math.Sqrt(Ops.SumOfSquares(matrix)), LeastNorm);
        Tensor x = Ops.Scale(tall ? matrix : Ops.Transpose(matrix), (float)(1 / norm));
        for (int i = 0; i < _options.Iterations; i++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor turned = Ops.Transpose(x);
            Tensor gram = Ops.Linear(turned, turned, precision: Precision);
            Tensor mixed = Ops.Linear(gram, gram, precision: Precision);
            InPlace.Mix(mixed, C, gram, B);
            Tensor moved = Ops.Linear(x, mixed, precision: Precision);
            InPlace.Mix(moved, 1, x, A);
            x = scope.Keep(moved);
        }

        return tall ? x : Ops.Transpose(x);
    }
}
