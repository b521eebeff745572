using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Operators that only look at a tensor in another way.</summary>
internal static class TypeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("clone", static run => run.Give(Ops.Clone(run.Input("input", "x")))),
    ];
}
