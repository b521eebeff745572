using System.Collections.Frozen;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>A test of a value.</summary>
internal delegate bool Test(RenderContext c, Value value, Args args);

/// <summary>The tests of <c>is</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Test> s_all = new Dictionary<string, Test>(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => !value.IsUndefined,
        ["undefined"] = (_, value, _) => value.IsUndefined,
        ["none"] = (_, value, _) => value.IsNone,
        ["boolean"] = (_, value, _) => value.Kind == ValueKind.Bool,
        ["true"] = (_, value, _) => value.Kind == ValueKind.Bool && value.AsLong != 0,
        ["false"] = (_, value, _) => value.Kind == ValueKind.Bool && value.AsLong == 0,
        ["integer"] = (_, value, _) => value.Kind is ValueKind.Int or ValueKind.BigInt,
        ["float"] = (_, value, _) => value.Kind == ValueKind.Float,
        ["number"] = (_, value, _) => Numbers.Is(value),
        ["string"] = (_, value, _) => value.Kind is ValueKind.Text or ValueKind.Markup,
        ["mapping"] = (_, value, _) => value.Kind == ValueKind.Dict,
        ["sequence"] = (_, value, _) => value.Kind is ValueKind.Text or ValueKind.Markup or ValueKind.List or ValueKind.Tuple
            or ValueKind.Dict or ValueKind.Range or ValueKind.Undefined or ValueKind.Missing,
        ["iterable"] = (_, value, _) => Iteration.Can(value) || value.Kind == ValueKind.Loop,
        ["callable"] = (_, value, _) => value.Kind is ValueKind.Callable or ValueKind.Loop or ValueKind.Undefined,
        ["escaped"] = (_, value, _) => value.Kind == ValueKind.Markup,
        ["lower"] = (c, value, _) => TextMethods.IsLower(PyText.Str(c, value)),
        ["upper"] = (c, value, _) => TextMethods.IsUpper(PyText.Str(c, value)),
        ["odd"] = (c, value, _) => Remainder(c, value, Value.From(2L)) is { } rest && Equal(c, rest, 1),
        ["even"] = (c, value, _) => Remainder(c, value, Value.From(2L)) is { } rest && Equal(c, rest, 0),
        ["divisibleby"] = (c, value, args) => Remainder(c, value, One(c, "divisibleby", args)) is { } rest && Equal(c, rest, 0),
        ["sameas"] = (c, value, args) => IsSame(value, One(c, "sameas", args)),
        ["filter"] = (c, value, _) => Name(c, value) is { } name && TemplateFilters.Find(name) is not null,
        ["test"] = (c, value, _) => Name(c, value) is { } name && Find(name) is not null,
        ["in"] = (c, value, args) => Comparison.Contains(c, One(c, "in", args), value),
        ["=="] = By(Relation.Equal),
        ["eq"] = By(Relation.Equal),
        ["equalto"] = By(Relation.Equal),
        ["!="] = By(Relation.NotEqual),
        ["ne"] = By(Relation.NotEqual),
        [">"] = By(Relation.Greater),
        ["gt"] = By(Relation.Greater),
        ["greaterthan"] = By(Relation.Greater),
        [">="] = By(Relation.GreaterOrEqual),
        ["ge"] = By(Relation.GreaterOrEqual),
        ["<"] = By(Relation.Less),
        ["lt"] = By(Relation.Less),
        ["lessthan"] = By(Relation.Less),
        ["<="] = By(Relation.LessOrEqual),
        ["le"] = By(Relation.LessOrEqual),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_withoutArguments = new[]
    {
        "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "mapping", "sequence",
        "iterable", "callable", "escaped", "lower", "upper", "odd", "even", "filter", "test",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Test> s_checked = s_all.ToFrozenDictionary(
        pair => pair.Key, pair => s_withoutArguments.Contains(pair.Key) ? WithoutArguments(pair.Key, pair.Value) : pair.Value);

    internal static Test? Find(string name) => s_checked.GetValueOrDefault(name);

    private static Test WithoutArguments(string name, Test test) => (c, value, args) =>
    {
        if (args.Count + args.Names.Length > 0)
        {
            args.Check(c, name, 0);
        }

        return test(c, value, args);
    };

    private static Test By(Relation relation) =>
        (c, value, args) => Comparison.Holds(c, relation, value, One(c, "the comparison", args));

    private static string? Name(RenderContext c, Value value)
    {
        Require.Hashable(c, value);
        return value.TryText(out string name) ? name : null;
    }

    private static Value One(RenderContext c, string name, Args args) => args.Count == 1 && args.Names.Length == 0
        ? args[0]
        : args.Count == 0 && args.Names.Length == 1 ? args.Named[0]
        : throw c.Fail(TemplateErrorKind.Type, $"The test '{name}' needs one argument, found {args.Count}.");

    private static Value? Remainder(RenderContext c, Value value, Value divisor) =>
        Operators.Apply(c, Operator.Modulo, value, divisor);

    private static bool Equal(RenderContext c, Value value, long number) => Comparison.Equal(c, value, Value.From(number));

    private static bool IsSame(Value a, Value b)
    {
        if (a.Kind != b.Kind)
        {
            return false;
        }

        return a.Kind switch
        {
            ValueKind.Bool or ValueKind.Int or ValueKind.Float or ValueKind.None => a.Bits == b.Bits,
            ValueKind.Text => string.Equals((string)a.Ref!, (string)b.Ref!, StringComparison.Ordinal),
            ValueKind.BigInt => Numbers.Big(a) == Numbers.Big(b),
            _ => ReferenceEquals(a.Ref, b.Ref),
        };
    }
}
