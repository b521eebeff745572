using System.Collections.Frozen;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The functions that every template has.</summary>
internal static class Globals
{
    private static readonly FrozenDictionary<string, Value> s_all = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["range"] = Range,
        ["dict"] = Dict,
        ["namespace"] = Namespace,
        ["cycler"] = Cycler,
        ["joiner"] = Joiner,
        ["lipsum"] = Lipsum,
        ["raise_exception"] = RaiseException,
        ["strftime_now"] = StrftimeNow,
    }.ToFrozenDictionary(pair => pair.Key, pair => new Value(new PyFunction(pair.Key, pair.Value)), StringComparer.Ordinal);

    internal static Value Find(string name) => s_all.TryGetValue(name, out Value function) ? function : default;

    internal static Value NextOfCycler(RenderContext c, Value self, Args args)
    {
        args.Check(c, "next", 0);
        return ((PyCycler)self.Ref!).Next();
    }

    internal static Value ResetCycler(RenderContext c, Value self, Args args)
    {
        args.Check(c, "reset", 0);
        ((PyCycler)self.Ref!).Reset();
        return Value.None;
    }

    private static Value Range(RenderContext c, Value self, Args args)
    {
        args.Check(c, "range", 1, "/start", "/stop", "/step");
        long Whole(Value value) => Numbers.TryLong(value, out long number) && Math.Abs(number) <= long.MaxValue / 4
            ? number
            : throw Operators.Undefined(c, value)
                ?? c.Fail(TemplateErrorKind.Type, $"'range' needs whole numbers, found {PyText.TypeName(value)}.");
        long start = args.Count == 1 ? 0 : Whole(args[0]);
        long stop = Whole(args[args.Count == 1 ? 0 : 1]);
        long step = args.Count == 3 ? Whole(args[2]) : 1;
        if (step == 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The step of 'range' cannot be zero.");
        }

        long count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        count = Math.Max(0, count);
        return count <= c.Limits.MaxRangeLength
            ? new Value(new PyRange(start, stop, step, (int)count))
            : throw c.Fail(
                TemplateErrorKind.Limit, $"A range of {count} numbers is asked for, at most {c.Limits.MaxRangeLength} are allowed.");
    }

    private static Value Dict(RenderContext c, Value self, Args args)
    {
        if (args.Count > 1)
        {
            throw c.Fail(TemplateErrorKind.Type, $"'dict' takes at most one argument without a name, found {args.Count}.");
        }

        PyDict dict = args.Count == 0 ? new PyDict(args.Names.Length) : FromPairs(c, args[0], args.Names.Length);
        for (int i = 0; i < args.Names.Length; i++)
        {
            dict.Set(new Value(args.Names[i]), args.Named[i]);
        }

        return new Value(dict);
    }

    private static PyDict FromPairs(RenderContext c, Value source, int extra)
    {
        if (Operators.Undefined(c, source) is { } undefined)
        {
            throw undefined;
        }

        if (source.Ref is PyDict dict)
        {
            c.CheckList(dict.Count);
            return dict.Copy(extra);
        }

        var made = new PyDict();
        foreach (Value pair in Iteration.ToArray(c, source))
        {
            Value[] parts = Iteration.ToArray(c, pair);
            if (parts.Length != 2)
            {
                throw c.Fail(TemplateErrorKind.Value, $"A dictionary is made of pairs, found {parts.Length} values.");
            }

            Require.Hashable(c, parts[0]);
            made.Set(parts[0], parts[1]);
        }

        return made;
    }

    private static Value Namespace(RenderContext c, Value self, Args args) =>
        new(new PyNamespace((PyDict)Dict(c, self, args).Ref!));

    private static Value Cycler(RenderContext c, Value self, Args args) => args.Count > 0 && args.Names.Length == 0
        ? new Value(new PyCycler(args.Positional.ToArray()))
        : throw c.Fail(TemplateErrorKind.Type, "'cycler' needs at least one value.");

    private static Value Joiner(RenderContext c, Value self, Args args)
    {
        args.Check(c, "joiner", 0, "sep");
        Value separator = args.Get(0, "sep");
        return new Value(new PyJoiner(separator.IsMissing ? new Value(", ") : separator));
    }

    private static Value Lipsum(RenderContext c, Value self, Args args) =>
        throw c.Fail(TemplateErrorKind.Unsupported, "'lipsum' makes random text, which no chat template needs.");

    private static Value RaiseException(RenderContext c, Value self, Args args)
    {
        args.Check(c, "raise_exception", 1, "message");
        throw c.Fail(TemplateErrorKind.Raised, PyText.Str(c, args.Get(0, "message")));
    }

    private static Value StrftimeNow(RenderContext c, Value self, Args args)
    {
        args.Check(c, "strftime_now", 1, "format");
        return new Value(Strftime.Format(c, Require.Text(c, args.Get(0, "format"), "The format of 'strftime_now'"), c.Now));
    }
}
