using System.Collections.Frozen;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The methods of dictionaries, lists, tuples, ranges and numbers that change nothing.</summary>
internal static class CollectionMethods
{
    private static readonly FrozenDictionary<string, Function> s_dict = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["get"] = Get,
        ["keys"] = (c, self, args) => View(c, self, args, DictPart.Keys),
        ["values"] = (c, self, args) => View(c, self, args, DictPart.Values),
        ["items"] = (c, self, args) => View(c, self, args, DictPart.Items),
        ["copy"] = CopyDict,
        ["fromkeys"] = FromKeys,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Function> s_list = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["count"] = Count,
        ["index"] = Index,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Function> s_number = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["bit_length"] = BitLength,
        ["is_integer"] = IsInteger,
        ["conjugate"] = (c, self, args) => Operators.Plus(c, self),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static Function? FindDict(string name) => s_dict.GetValueOrDefault(name);

    internal static Function? FindList(string name, bool isTuple) =>
        name == "copy" && !isTuple ? CopyList : s_list.GetValueOrDefault(name);

    internal static Function? FindNumber(string name) => s_number.GetValueOrDefault(name);

    private static Value Get(RenderContext c, Value self, Args args)
    {
        args.Check(c, "get", 1, "/key", "/default");
        Require.Hashable(c, args[0]);
        return ((PyDict)self.Ref!).TryGet(args[0], out Value value) ? value : args.Count > 1 ? args[1] : Value.None;
    }

    private static Value View(RenderContext c, Value self, Args args, DictPart part)
    {
        args.Check(c, part.ToString().ToLowerInvariant(), 0);
        return new Value(new PyView((PyDict)self.Ref!, part));
    }

    private static Value CopyDict(RenderContext c, Value self, Args args)
    {
        args.Check(c, "copy", 0);
        var dict = (PyDict)self.Ref!;
        c.CheckList(dict.Count);
        return new Value(dict.Copy());
    }

    private static Value FromKeys(RenderContext c, Value self, Args args)
    {
        args.Check(c, "fromkeys", 1, "/keys", "/value");
        var dict = new PyDict();
        foreach (Value key in Iteration.ToArray(c, args[0]))
        {
            Require.Hashable(c, key);
            dict.Set(key, args.Count > 1 ? args[1] : Value.None);
        }

        return new Value(dict);
    }

    private static Value CopyList(RenderContext c, Value self, Args args)
    {
        args.Check(c, "copy", 0);
        return self;
    }

    private static Value Count(RenderContext c, Value self, Args args)
    {
        args.Check(c, "count", 1, "/value");
        long count = 0;
        foreach (Value item in Iteration.ToArray(c, self))
        {
            count += Comparison.Equal(c, item, args[0]) ? 1 : 0;
        }

        return Value.From(count);
    }

    private static Value Index(RenderContext c, Value self, Args args)
    {
        args.Check(c, "index", 1, "/value", "/start", "/stop");
        Value[] items = Iteration.ToArray(c, self);
        int Bound(int index) => Math.Clamp(index < 0 ? index + items.Length : index, 0, items.Length);
        int start = args.Count > 1 ? Bound(Require.Int(c, args[1], "The start")) : 0;
        int stop = args.Count > 2 ? Bound(Require.Int(c, args[2], "The stop")) : items.Length;
        for (int i = start; i < stop; i++)
        {
            if (Comparison.Equal(c, items[i], args[0]))
            {
                return Value.From((long)i);
            }
        }

        throw c.Fail(TemplateErrorKind.Value, $"'{PyText.Describe(args[0])}' is not in the list.");
    }

    private static Value BitLength(RenderContext c, Value self, Args args)
    {
        args.Check(c, "bit_length", 0);
        return Numbers.IsWhole(self)
            ? Value.From((long)System.Numerics.BigInteger.Abs(Numbers.Big(self)).GetBitLength())
            : throw c.Fail(TemplateErrorKind.Undefined, "A float has no attribute 'bit_length'.");
    }

    private static Value IsInteger(RenderContext c, Value self, Args args)
    {
        args.Check(c, "is_integer", 0);
        return Value.From(self.Kind != ValueKind.Float || self.AsDouble == Math.Floor(self.AsDouble));
    }
}
