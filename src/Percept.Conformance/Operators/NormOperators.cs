using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Normalisations.</summary>
internal static class NormOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("layer_norm", LayerNorm),
        ("layer_norm_channels_first", static run => run.Give(Ops.LayerNormChannelsFirst(
            run.Input("input", "x"),
            run.Optional("weight"),
            run.Optional("bias"),
            (float)run.Args.Number("eps", 1e-6)))),
        ("rms_norm", RmsNorm),
        ("group_norm", static run => run.Give(Ops.GroupNorm(
            run.Input("input", "x"),
            run.Args.Int(run.Args.Name("num_groups", "groups")),
            run.Optional("weight"),
            run.Optional("bias"),
            (float)run.Args.Number("eps", 1e-5)))),
        ("instance_norm", InstanceNorm),
        ("batch_norm", BatchNorm),
        ("l2_normalize", static run => Normalize(run, -1)),
        ("normalize", static run => Normalize(run, 1)),
        ("cosine_matrix", CosineMatrix),
        ("weight_norm", static run => run.Give(Ops.WeightNorm(run.Input("v"), run.Input("g"), run.Args.Int("dim", 0)))),
    ];

    /// <summary>How many of the last axes are normalised together.</summary>
    private static int Axes(OpRun run, Tensor input)
    {
        if (run.Args.IntsOrNone("normalized_shape") is { } shape)
        {
            if (shape.Length == 0
                || shape.Length > input.Rank
                || !input.Shape.Sizes[^shape.Length..].SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"'normalized_shape' is not the end of the input's shape {input.Shape}.");
            }

            return shape.Length;
        }

        return run.Args.Int("dims", run.Optional("weight")?.Rank ?? 1);
    }

    private static void LayerNorm(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        run.Give(Ops.LayerNorm(
            input,
            run.Optional("weight"),
            run.Optional("bias"),
            (float)run.Args.Number("eps", 1e-5),
            Axes(run, input)));
    }

    private static void RmsNorm(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Tensor? weight = run.Optional("weight");
        run.Args.Only("weight_offset", "0", "0.0", "1", "1.0");
        bool offset = run.Args.Flag("unit_offset", false) || run.Args.Number("weight_offset", 0) == 1;

        // As in PyTorch, the machine epsilon of float32 where none is given.
        float eps = (float)run.Args.Number("eps", 1.1920928955078125e-7);
        int axes = Axes(run, input);
        if (axes == 1)
        {
            run.Give(Ops.RmsNorm(input, weight, eps, offset));
            return;
        }

        // Several axes at once are one long row.
        Shape shape = input.Shape;
        int row = checked((int)shape.CountFrom(shape.Rank - axes));
        Tensor rows = Ops.Reshape(input, Shape.Create([.. shape.Sizes[..^axes], row]));
        Tensor? flat = weight is { } given ? Ops.Reshape(given, [row]) : null;
        run.Give(Ops.Reshape(Ops.RmsNorm(rows, flat, eps, offset), shape));
    }

    private static void InstanceNorm(OpRun run)
    {
        run.Args.Only("use_input_stats", "true");
        run.Give(Ops.InstanceNorm(
            run.Input("input", "x"),
            run.Optional("weight"),
            run.Optional("bias"),
            (float)run.Args.Number("eps", 1e-5)));
    }

    private static void BatchNorm(OpRun run)
    {
        Tensor? mean = run.Optional("running_mean");
        Tensor? variance = run.Optional("running_var");
        run.Give(Ops.BatchNorm(
            run.Input("input", "x"),
            mean,
            variance,
            run.Optional("weight"),
            run.Optional("bias"),
            run.Args.Flag("training", false),
            (float)run.Args.Number("momentum", 0.1),
            (float)run.Args.Number("eps", 1e-5)));
        if (mean is { } newMean && variance is { } newVariance)
        {
            run.Give("new_running_mean", newMean);
            run.Give("new_running_var", newVariance);
        }
    }

    private static void Normalize(OpRun run, int defaultAxis)
    {
        Tensor input = run.Input("input", "x");
        int axis = run.Args.Int("dim", defaultAxis);
        float order = (float)run.Args.Number("p", 2);
        float eps = (float)run.Args.Number("eps", 1e-12);
        run.Give(order == 2
            ? Ops.L2Normalize(input, axis, eps)
            : Ops.Divide(input, Ops.Clamp(Ops.Norm(input, axis, order, keepAxis: true), eps)));
    }

    /// <summary>exp(logit_scale) times the cosine of every row of a with every row of b.</summary>
    private static void CosineMatrix(OpRun run)
    {
        Tensor cosines = Ops.MatMul(Ops.L2Normalize(run.Input("a")), Ops.L2Normalize(run.Input("b")), transposeB: true);
        run.Give(run.Optional("logit_scale") is { } scale ? Ops.Multiply(cosines, Ops.Exp(scale)) : cosines);
    }
}
