using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Softmax and its relatives.</summary>
internal static class SoftmaxOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("softmax", Softmax),
        ("log_softmax", static run => run.Give(Ops.LogSoftmax(run.Input("input", "x"), run.Args.Int("dim", -1)))),
        ("softmax_masked", Masked),
        ("gumbel_softmax", static run => run.Give(Ops.GumbelSoftmax(
            run.Input("logits"),
            run.Input("gumbels"),
            (float)run.Args.Number("tau", 1),
            run.Args.Flag("hard", false),
            run.Args.Int("dim", -1)))),
    ];

    private static void Softmax(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        int axis = run.Args.Int("dim", -1);
        run.Give(Ops.Softmax(input, axis));
        if (run.Wants("log"))
        {
            run.Give("log", Ops.LogSoftmax(input, axis));
        }
    }

    private static void Masked(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Tensor mask = run.Input("mask");
        int axis = input.Shape.Axis(run.Args.Int("dim", -1));
        run.Give(axis == input.Rank - 1 ? Ops.SoftmaxMasked(input, mask) : Ops.Softmax(Ops.Add(input, mask), axis));
    }
}
