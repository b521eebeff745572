using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Taking and putting elements by number or mask.</summary>
internal static class IndexOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("gather", Gather),
        ("scatter", Scatter),
        ("scatter_add", static run =>
            run.Give(
                Ops.ScatterAdd(run.Input("input", "x"), run.Input("index"), run.Input("src"), run.Args.Int("dim")))),
        ("index_select", static run =>
            run.Give(Ops.IndexSelect(run.Input("input", "x"), run.Input("index"), run.Args.Int("dim")))),
        ("index_add", static run => run.Give(Ops.IndexAdd(
            run.Input("input", "x"),
            run.Input("index"),
            run.Input("src", "source"),
            run.Args.Int("dim"),
            (float)run.Args.Number("alpha", 1)))),
        ("index", static run => run.Give(Ops.Index(
            run.Input("input", "x"), [.. run.InputNames("i").Where(IsIndex).Select(name => run.Input(name))]))),
        ("masked_scatter", static run =>
            run.Give(Ops.MaskedScatter(run.Input("input", "x"), run.Input("mask"), run.Input("source")))),
        ("masked_select", MaskedSelect),
    ];

    /// <summary>Whether an input is named i0, i1, …</summary>
    private static bool IsIndex(string name) => name.Length > 1 && name.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>A mask over the first axes picks whole rows; any other stretches with the input.</summary>
    private static void MaskedSelect(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Tensor mask = run.Input("mask");
        if (mask.Rank <= input.Rank && input.Shape.Sizes[..mask.Rank].SequenceEqual(mask.Shape.Sizes))
        {
            run.Give(Ops.MaskedSelect(input, mask));
            return;
        }

        Shape shape = Shape.Broadcast(input.Shape, mask.Shape);
        run.Give(Ops.MaskedSelect(
            input.Shape == shape ? input : Ops.BroadcastTo(input, shape),
            mask.Shape == shape ? mask : Ops.BroadcastTo(mask, shape)));
    }

    private static void Gather(OpRun run)
    {
        run.Args.Only("sparse_grad", "false");
        run.Give(Ops.Gather(run.Input("input", "x"), run.Input("index"), run.Args.Int("dim")));
    }

    private static void Scatter(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Tensor index = run.Input("index");
        int axis = run.Args.Int("dim");
        Tensor source = run.Optional("src") ?? Ops.Full(index.Shape, (float)run.Args.Number("value"));
        bool add = run.Args.Choice("reduce", "none", "none", "add") == "add";
        run.Give(add ? Ops.ScatterAdd(input, index, source, axis) : Ops.Scatter(input, index, source, axis));
    }
}
