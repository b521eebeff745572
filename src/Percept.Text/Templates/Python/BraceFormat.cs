using System.Globalization;
using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Python's <c>'{} {name!r:&gt;8}'.format(…)</c>; attributes are looked up as the sandbox allows.</summary>
internal static class BraceFormat
{
    private const int MaxNesting = 2;

    internal static string Apply(RenderContext c, string format, ReadOnlySpan<Value> positional, PyDict named)
    {
        int automatic = 0;
        return Expand(c, format, positional, named, ref automatic, MaxNesting);
    }

    private static string Expand(
        RenderContext c, string format, ReadOnlySpan<Value> positional, PyDict named, ref int automatic, int nesting)
    {
        if (nesting == 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The format nests too deeply.");
        }

        var text = new StringBuilder(format.Length + 16);
        for (int at = 0; at < format.Length; at++)
        {
            char unit = format[at];
            if (unit is not ('{' or '}'))
            {
                text.Append(unit);
                continue;
            }

            if (at + 1 < format.Length && format[at + 1] == unit)
            {
                text.Append(unit);
                at++;
                continue;
            }

            if (unit == '}')
            {
                throw c.Fail(TemplateErrorKind.Value, "The format has a '}' without '{'.");
            }

            int end = FieldEnd(c, format, at + 1);
            string field = Field(c, format.AsSpan(at + 1, end - at - 1).ToString(), positional, named, ref automatic, nesting);
            c.CheckGrowth((long)text.Length + field.Length, field.Length);
            text.Append(field);
            at = end;
        }

        return text.ToString();
    }

    private static int FieldEnd(RenderContext c, string format, int at)
    {
        int depth = 1;
        bool inKey = false;
        for (; at < format.Length; at++)
        {
            char unit = format[at];
            inKey = unit == '[' ? depth == 1 : unit != ']' && inKey;
            depth += inKey ? 0 : unit == '{' ? 1 : unit == '}' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        throw c.Fail(TemplateErrorKind.Value, "The format has a '{' without '}'.");
    }

    private static string Field(
        RenderContext c, string field, ReadOnlySpan<Value> positional, PyDict named, ref int automatic, int nesting)
    {
        int nameEnd = 0;
        bool inKey = false;
        while (nameEnd < field.Length && (inKey || field[nameEnd] is not (':' or '!')))
        {
            inKey = field[nameEnd] == '[' || (inKey && field[nameEnd] != ']');
            nameEnd++;
        }

        Value value = Lookup(c, field[..nameEnd], positional, named, ref automatic);
        string rest = field[nameEnd..];
        if (rest.StartsWith('!'))
        {
            char conversion = rest.Length > 1 ? rest[1] : '\0';
            value = conversion switch
            {
                'r' or 'a' => new Value(PyText.Repr(c, value)),
                's' => new Value(PyText.Str(c, value)),
                _ => throw c.Fail(TemplateErrorKind.Value, $"The conversion '!{conversion}' is not known."),
            };
            rest = rest[2..];
        }

        if (rest.Length == 0)
        {
            return FormatSpec.Apply(c, value, string.Empty);
        }

        return rest[0] == ':'
            ? FormatSpec.Apply(c, value, Expand(c, rest[1..], positional, named, ref automatic, nesting - 1))
            : throw c.Fail(TemplateErrorKind.Value, "The format needs ':' after a conversion.");
    }

    private static Value Lookup(
        RenderContext c, string path, ReadOnlySpan<Value> positional, PyDict named, ref int automatic)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? path : path[..end];
        Value value = First(c, first, positional, named, ref automatic);
        for (int at = end < 0 ? path.Length : end; at < path.Length;)
        {
            if (path[at] == '.')
            {
                int stop = path.AsSpan(at + 1).IndexOfAny('.', '[');
                string name = stop < 0 ? path[(at + 1)..] : path.Substring(at + 1, stop);
                value = Attributes.Get(c, value, name);
                at += name.Length + 1;
            }
            else
            {
                int stop = path.IndexOf(']', at);
                if (stop < 0)
                {
                    throw c.Fail(TemplateErrorKind.Value, "The format has a '[' without ']'.");
                }

                string key = path[(at + 1)..stop];
                value = Attributes.Item(c, value, long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
                    ? Value.From(index)
                    : new Value(key));
                at = stop + 1;
            }
        }

        return value;
    }

    private static Value First(
        RenderContext c, string name, ReadOnlySpan<Value> positional, PyDict named, ref int automatic)
    {
        if (name.Length == 0 || long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            long index;
            if (name.Length == 0)
            {
                if (automatic < 0)
                {
                    throw c.Fail(TemplateErrorKind.Value, "The format mixes numbered and unnumbered fields.");
                }

                index = automatic++;
            }
            else
            {
                if (automatic > 0)
                {
                    throw c.Fail(TemplateErrorKind.Value, "The format mixes numbered and unnumbered fields.");
                }

                automatic = -1;
                index = long.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);
            }

            return index < positional.Length
                ? positional[(int)index]
                : throw c.Fail(TemplateErrorKind.Value, $"The format asks for value {index}, there are {positional.Length}.");
        }

        return named.TryGet(name, out Value value)
            ? value
            : throw c.Fail(TemplateErrorKind.Value, $"The format asks for '{name}', which is missing.");
    }
}
