using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Sums, means, extremes, norms, order.</summary>
internal static class ReductionOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("sum", static run => run.Give(
            Ops.Sum(run.Input("input", "x"), Axes(run.Args), run.Args.Flag("keepdim", false)))),
        ("mean", static run => run.Give(
            Ops.Mean(run.Input("input", "x"), Axes(run.Args), run.Args.Flag("keepdim", false)))),
        ("var", static run => run.Give(Ops.Variance(
            run.Input("input", "x"), Axes(run.Args), Correction(run.Args), run.Args.Flag("keepdim", false)))),
        ("std", static run => run.Give(Ops.StandardDeviation(
            run.Input("input", "x"), Axes(run.Args), Correction(run.Args), run.Args.Flag("keepdim", false)))),
        ("prod", static run => Along(run, static (x, axis) => Ops.Product(x, axis))),
        ("amax", static run => Along(run, static (x, axis) => Ops.AMax(x, axis))),
        ("amin", static run => Along(run, static (x, axis) => Ops.AMin(x, axis))),
        ("logsumexp", static run => Along(run, static (x, axis) => Ops.LogSumExp(x, axis))),
        ("vector_norm", Norm),
        ("max", static run => Extreme(run, static (x, axis, keep) => Ops.Max(x, axis, keep), Ops.AMax)),
        ("min", static run => Extreme(run, static (x, axis, keep) => Ops.Min(x, axis, keep), Ops.AMin)),
        ("topk", TopK),
        ("sort", Sort),
        ("cumsum", static run => run.Give(Ops.CumulativeSum(run.Input("input", "x"), run.Args.Int("dim")))),
        ("cumprod", static run => run.Give(Ops.CumulativeProduct(run.Input("input", "x"), run.Args.Int("dim")))),
        ("masked_mean", MaskedMean),
    ];

    /// <summary>The axes named, none of them for all.</summary>
    private static int[] Axes(RunArgs args) => args.IntsOrNone("dim") ?? [];

    private static int Correction(RunArgs args) =>
        args.Has("unbiased") ? args.Flag("unbiased", true) ? 1 : 0 : args.Int("correction", 1);

    /// <summary>Applies an op over one axis to all axes named, made one.</summary>
    private static void Along(OpRun run, Func<Tensor, int, Tensor> op)
    {
        Tensor input = run.Input("input", "x");
        Shape shape = input.Shape;
        int[] axes = [.. Axes(run.Args).Select(axis => shape.Axis(axis)).Order()];
        if (axes.Length == 0)
        {
            axes = [.. Enumerable.Range(0, shape.Rank)];
        }

        int[] kept = [.. Enumerable.Range(0, shape.Rank).Except(axes)];
        int[] keptSizes = [.. kept.Select(axis => shape[axis])];
        int merged = axes.Aggregate(1, (product, axis) => product * shape[axis]);
        Tensor rows = axes.Length == 1
            ? input
            : Ops.Reshape(Ops.Permute(input, [.. kept, .. axes]), Shape.Create([.. keptSizes, merged]));
        Tensor result = op(rows, axes.Length == 1 ? axes[0] : kept.Length);
        int[] sizes = [.. Enumerable.Range(0, shape.Rank).Select(axis => axes.Contains(axis) ? 1 : shape[axis])];
        run.Give(run.Args.Flag("keepdim", false) ? Ops.Reshape(result, Shape.Create(sizes)) : result);
    }

    private static void Norm(OpRun run)
    {
        string name = run.Args.Name("ord", "p");
        float order = run.Args.Find(name) switch
        {
            null => 2f,
            { ValueKind: JsonValueKind.String } text when text.GetString() is "inf" => float.PositiveInfinity,
            { } value => (float)RunArgs.AsNumber(name, value),
        };
        Along(run, (x, axis) => Ops.Norm(x, axis, order));
    }

    private static void Extreme(
        OpRun run, Func<Tensor, int, bool, (Tensor Values, Tensor Indices)> along, Func<Tensor, Tensor> all)
    {
        Tensor input = run.Input("input", "x");
        if (run.Args.IntOrNone("dim") is not { } axis)
        {
            run.Give(all(input));
            return;
        }

        GivePair(run, along(input, axis, run.Args.Flag("keepdim", false)));
    }

    private static void TopK(OpRun run)
    {
        // Without "sorted" any order is right; this one is.
        run.Args.Only("sorted", "true", "false");
        GivePair(run, Ops.TopK(
            run.Input("input", "x"), run.Args.Int("k"), run.Args.Int("dim", -1), run.Args.Flag("largest", true)));
    }

    private static void Sort(OpRun run)
    {
        // Sorting is always stable here.
        run.Args.Skip("stable");
        GivePair(run, Ops.Sort(run.Input("input", "x"), run.Args.Int("dim", -1), run.Args.Flag("descending", false)));
    }

    private static void GivePair(OpRun run, (Tensor Values, Tensor Indices) pair)
    {
        run.Give("values", pair.Values);
        run.Give("indices", pair.Indices);
    }

    /// <summary>Σ x·m / max(Σ m, 1) over axis 1: x [B, T, D], m [B, T].</summary>
    private static void MaskedMean(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Tensor mask = Ops.Cast(run.Input("mask"), DType.F32);
        Tensor sum = Ops.Sum(Ops.Multiply(input, Ops.Reshape(mask, mask.Shape.Insert(2, 1))), 1);
        run.Give(Ops.Divide(sum, Ops.Clamp(Ops.Sum(mask, 1, keepAxis: true), 1f)));
    }
}
