using System.Collections.Frozen;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The filters.</summary>
internal static partial class TemplateFilters
{
    private static readonly FrozenDictionary<string, Function> s_all = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["abs"] = Abs,
        ["attr"] = Attr,
        ["batch"] = Batch,
        ["capitalize"] = (c, value, args) => Mapped(c, value, args, "capitalize", CaseMapping.Capitalize),
        ["center"] = Center,
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = DictSort,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["filesizeformat"] = FileSizeFormat,
        ["first"] = First,
        ["float"] = ToFloat,
        ["forceescape"] = ForceEscape,
        ["format"] = Format,
        ["groupby"] = GroupBy,
        ["indent"] = Indent,
        ["int"] = ToInt,
        ["items"] = Items,
        ["join"] = Join,
        ["last"] = Last,
        ["length"] = Length,
        ["list"] = List,
        ["lower"] = (c, value, args) => Mapped(c, value, args, "lower", CaseMapping.Lower),
        ["map"] = Map,
        ["max"] = (c, value, args) => Extreme(c, value, args, "max", Relation.Greater),
        ["min"] = (c, value, args) => Extreme(c, value, args, "min", Relation.Less),
        ["pprint"] = PrettyPrint,
        ["random"] = PickRandom,
        ["reject"] = (c, value, args) => Select(c, value, args, (false, false)),
        ["rejectattr"] = (c, value, args) => Select(c, value, args, (false, true)),
        ["replace"] = Replace,
        ["reverse"] = Reverse,
        ["round"] = Round,
        ["safe"] = Safe,
        ["select"] = (c, value, args) => Select(c, value, args, (true, false)),
        ["selectattr"] = (c, value, args) => Select(c, value, args, (true, true)),
        ["slice"] = Slice,
        ["sort"] = Sort,
        ["string"] = ToText,
        ["striptags"] = StripTags,
        ["sum"] = Sum,
        ["title"] = (c, value, args) => Mapped(c, value, args, "title", Title),
        ["tojson"] = ToJson,
        ["trim"] = Trim,
        ["truncate"] = Truncate,
        ["unique"] = Unique,
        ["upper"] = (c, value, args) => Mapped(c, value, args, "upper", CaseMapping.Upper),
        ["urlencode"] = UrlEncode,
        ["urlize"] = (c, _, _) => throw c.Fail(
            TemplateErrorKind.Unsupported, "The filter 'urlize' makes web links, which chat templates do not need."),
        ["wordcount"] = WordCount,
        ["wordwrap"] = WordWrap,
        ["xmlattr"] = XmlAttributes,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static Function? Find(string name) => s_all.GetValueOrDefault(name);

    private static Value Default(RenderContext c, Value value, Args args)
    {
        args.Check(c, "default", 0, "default_value", "boolean");
        if (!value.IsUndefined && (!Operators.Truth(args.Get(1, "boolean")) || Operators.Truth(value)))
        {
            return value;
        }

        Value other = args.Get(0, "default_value");
        return other.IsMissing ? Value.Empty : other;
    }

    private static Value Attr(RenderContext c, Value value, Args args)
    {
        args.Check(c, "attr", 1, "name");
        string name = Require.Text(c, args.Get(0, "name"), "The name of an attribute");
        if (Operators.Undefined(c, value) is { } undefined)
        {
            throw undefined;
        }

        Value found = Attributes.Own(value, name);
        return found.IsMissing ? new Value(UndefinedInfo.Attribute(name)) : found;
    }

    private static Value ToJson(RenderContext c, Value value, Args args)
    {
        Value indent = default;
        Value separators = default;
        Value ascii = default;
        Value sort = default;
        if (args.Count + args.Names.Length > 0)
        {
            args.Check(c, "tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
            ascii = args.Get(0, "ensure_ascii");
            indent = args.Get(1, "indent");
            separators = args.Get(2, "separators");
            sort = args.Get(3, "sort_keys");
        }

        string? step = indent.IsMissing || indent.IsNone ? null
            : indent.TryText(out string text) ? text
            : Spaces(c, Require.Int(c, indent, "The indent of 'tojson'"));
        (string item, string key) = (step is null ? ", " : ",", ": ");
        if (!separators.IsMissing && !separators.IsNone)
        {
            Value[] pair = Iteration.ToArray(c, separators);
            (item, key) = pair.Length == 2
                ? (Require.Text(c, pair[0], "A separator"), Require.Text(c, pair[1], "A separator"))
                : throw c.Fail(TemplateErrorKind.Value, $"'tojson' needs two separators, found {pair.Length}.");
        }

        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        new JsonText(c, buffer)
        {
            Indent = step,
            ItemSeparator = item,
            KeySeparator = key,
            AsciiOnly = Operators.Truth(ascii),
            SortKeys = Operators.Truth(sort),
        }.Write(value);
        return new Value(buffer.Cut(0));
    }

    private static string Spaces(RenderContext c, int count)
    {
        c.CheckText(Math.Max(0, count));
        return new string(' ', Math.Max(0, count));
    }

    private static Value PrettyPrint(RenderContext c, Value value, Args args)
    {
        const int width = 80;
        args.Check(c, "pprint", 0);
        string text = PyText.Repr(c, Sorted(c, value));
        return text.Length <= width
            ? new Value(text)
            : throw c.Fail(TemplateErrorKind.Unsupported, $"'pprint' is supported for values of at most {width} characters.");
    }

    private static Value Sorted(RenderContext c, Value value)
    {
        c.Enter();
        Value result = value;
        if (value.Ref is PyDict dict)
        {
            var sorted = new PyDict(dict.Count);
            foreach (int at in Sorting.Order(c, dict.Keys, reverse: false))
            {
                sorted.Set(dict.KeyAt(at), Sorted(c, dict.ValueAt(at)));
            }

            result = new Value(sorted);
        }
        else if (value.Ref is PyList list)
        {
            var items = new Value[c.CheckList(list.Count)];
            for (int i = 0; i < items.Length; i++)
            {
                items[i] = Sorted(c, list.Items[i]);
            }

            result = new Value(new PyList(list.Kind, items, items.Length));
        }

        c.Leave();
        return result;
    }

    private static string Text(RenderContext c, Value value) => PyText.Str(c, value);

    /// <summary>A result that is markup where the value itself is.</summary>
    private static Value Like(Value value, string text) =>
        value.Kind == ValueKind.Markup ? Value.Markup(text) : new Value(text);

    private static Value Mapped(RenderContext c, Value value, Args args, string name, Func<string, string> map)
    {
        args.Check(c, name, 0);
        string text = Text(c, value);
        c.CheckText(text.Length);
        return Like(value, map(text));
    }

    private static Value Iterator(IEnumerator<Value> items, string typeName = "generator") => new(new PyIterator(items, typeName));
}
