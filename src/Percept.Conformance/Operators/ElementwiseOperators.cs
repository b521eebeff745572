using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Arithmetic and functions, element by element.</summary>
internal static class ElementwiseOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("exp", static run => run.Give(Ops.Exp(run.Input("input", "x")))),
        ("log", static run => run.Give(Ops.Log(run.Input("input", "x")))),
        ("sqrt", static run => run.Give(Ops.Sqrt(run.Input("input", "x")))),
        ("rsqrt", static run => run.Give(Ops.Rsqrt(run.Input("input", "x")))),
        ("reciprocal", static run => run.Give(Ops.Reciprocal(run.Input("input", "x")))),
        ("erf", static run => run.Give(Ops.Erf(run.Input("input", "x")))),
        ("sin", static run => run.Give(Ops.Sin(run.Input("input", "x")))),
        ("cos", static run => run.Give(Ops.Cos(run.Input("input", "x")))),
        ("abs", static run => run.Give(Ops.Abs(run.Input("input", "x")))),
        ("neg", static run => run.Give(Ops.Negate(run.Input("input", "x")))),
        ("straight_through", static run => run.Give(Ops.StraightThrough(run.Input("input", "x")))),
        ("pow", Power),
        ("clamp", Clamp),
        ("maximum", static run => run.Give(Ops.Maximum(run.Input("a"), run.Input("b")))),
        ("minimum", static run => run.Give(Ops.Minimum(run.Input("a"), run.Input("b")))),
        ("where", static run => run.Give(Ops.Where(run.Input("condition"), run.Input("a"), run.Input("b")))),
        ("masked_fill", static run => run.Give(
            Ops.MaskedFill(run.Input("input", "x"), run.Input("mask"), (float)run.Args.Number("value")))),
        ("add", static run => run.Give(Ops.Add(run.Input("a"), Scaled(run)))),
        ("sub", static run => run.Give(Ops.Subtract(run.Input("a"), Scaled(run)))),
        ("mul", static run => run.Give(Ops.Multiply(run.Input("a"), run.Input("b")))),
        ("div", Divide),
        ("lerp", Lerp),
        ("atan2", static run => run.Give(Ops.Atan2(run.Input("a"), run.Input("b")))),
        ("fanout", FanOut),
        ("detach", static run => run.Give(Ops.Multiply(run.Input("input", "x"), Ops.Detach(run.Input("input", "x"))))),
    ];

    private static void Power(OpRun run) => run.Give(run.Optional("exponent", "b") is { } exponent
        ? Ops.Power(run.Input("input", "x", "a"), exponent)
        : Ops.Power(run.Input("input", "x", "a"), (float)run.Args.Number("exponent")));

    private static void Clamp(OpRun run) => run.Give(Ops.Clamp(
        run.Input("input", "x"),
        (float)run.Args.Number("min", double.NegativeInfinity),
        (float)run.Args.Number("max", double.PositiveInfinity)));

    /// <summary>The second operand of a sum, times <c>alpha</c>.</summary>
    private static Tensor Scaled(OpRun run)
    {
        double alpha = run.Args.Number("alpha", 1);
        return alpha == 1 ? run.Input("b") : Ops.Scale(run.Input("b"), (float)alpha);
    }

    private static void Divide(OpRun run)
    {
        run.Args.Only("rounding_mode");
        run.Give(Ops.Divide(run.Input("a"), run.Input("b")));
    }

    private static void Lerp(OpRun run)
    {
        Tensor weight = run.Optional("weight") ?? Ops.Full([], (float)run.Args.Number("weight"));
        run.Give(Ops.Lerp(run.Input("a", "input"), run.Input("b", "end"), weight));
    }

    /// <summary>x·Σx + tanh x with the sum over the last axis: three paths to one input.</summary>
    private static void FanOut(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        run.Give(Ops.Add(Ops.Multiply(input, Ops.Sum(input, -1, keepAxis: true)), Ops.Tanh(input)));
    }
}
