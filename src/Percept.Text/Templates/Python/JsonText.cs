using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Values as Python's <c>json.dumps</c> writes them.</summary>
internal ref struct JsonText
{
    private readonly RenderContext _c;
    private readonly TextBuffer _buffer;

    internal JsonText(RenderContext c, TextBuffer buffer)
    {
        _c = c;
        _buffer = buffer;
    }

    /// <summary>What is written for one level of nesting; null for a single line.</summary>
    internal string? Indent { get; init; }

    internal string ItemSeparator { get; init; } = ", ";

    internal string KeySeparator { get; init; } = ": ";

    internal bool AsciiOnly { get; init; }

    internal bool SortKeys { get; init; }

    internal readonly void Write(Value value, int level = 0)
    {
        _c.Charge(1);
        switch (value.Kind)
        {
            case ValueKind.Text or ValueKind.Markup:
                _ = value.TryText(out string text);
                WriteText(text);
                break;
            case ValueKind.None:
                _buffer.Append("null");
                break;
            case ValueKind.Bool:
                _buffer.Append(value.AsLong != 0 ? "true" : "false");
                break;
            case ValueKind.Int:
                _buffer.Append(value.AsLong);
                break;
            case ValueKind.BigInt:
                _buffer.Append(PyText.Digits(_c, Numbers.Big(value)));
                break;
            case ValueKind.Float:
                _buffer.Append(FloatName(value.AsDouble));
                break;
            case ValueKind.List or ValueKind.Tuple:
                WriteList((PyList)value.Ref!, level);
                break;
            case ValueKind.Dict:
                WriteDict((PyDict)value.Ref!, level);
                break;
            default:
                throw _c.Fail(TemplateErrorKind.Type, $"A value of type {PyText.TypeName(value)} cannot be written as JSON.");
        }
    }

    private static string FloatName(double value) =>
        double.IsFinite(value) ? FloatText.Repr(value)
        : double.IsNaN(value) ? "NaN"
        : value > 0 ? "Infinity"
        : "-Infinity";

    private static bool NeedsEscape(char unit, bool asciiOnly) =>
        unit is < ' ' or '"' or '\\' || (asciiOnly && unit > '~');

    private readonly void WriteList(PyList list, int level)
    {
        if (list.Count == 0)
        {
            _buffer.Append("[]");
            return;
        }

        _c.Enter();
        _buffer.Append('[');
        for (int i = 0; i < list.Count; i++)
        {
            Separate(i, level + 1);
            Write(list.Items[i], level + 1);
        }

        NewLine(level);
        _buffer.Append(']');
        _c.Leave();
    }

    private readonly void WriteDict(PyDict dict, int level)
    {
        if (dict.Count == 0)
        {
            _buffer.Append("{}");
            return;
        }

        _c.Enter();
        int[]? order = SortKeys ? Sorting.Order(_c, dict.Keys, reverse: false) : null;
        _buffer.Append('{');
        for (int i = 0; i < dict.Count; i++)
        {
            int at = order is null ? i : order[i];
            Separate(i, level + 1);
            WriteKey(dict.KeyAt(at));
            _buffer.Append(KeySeparator);
            Write(dict.ValueAt(at), level + 1);
        }

        NewLine(level);
        _buffer.Append('}');
        _c.Leave();
    }

    private readonly void WriteKey(Value key)
    {
        switch (key.Kind)
        {
            case ValueKind.Text or ValueKind.Markup:
                _ = key.TryText(out string text);
                WriteText(text);
                break;
            case ValueKind.None or ValueKind.Bool or ValueKind.Int or ValueKind.BigInt or ValueKind.Float:
                _buffer.Append('"');
                Write(key);
                _buffer.Append('"');
                break;
            default:
                throw _c.Fail(TemplateErrorKind.Type, $"A key of type {PyText.TypeName(key)} cannot be written as JSON.");
        }
    }

    private readonly void Separate(int index, int level)
    {
        if (index > 0)
        {
            _buffer.Append(ItemSeparator);
        }

        NewLine(level);
    }

    private readonly void NewLine(int level)
    {
        if (Indent is null)
        {
            return;
        }

        _buffer.Append('\n');
        for (int i = 0; i < level; i++)
        {
            _buffer.Append(Indent);
        }
    }

    private readonly void WriteText(string text)
    {
        _buffer.Append('"');
        int plain = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            if (!NeedsEscape(unit, AsciiOnly))
            {
                continue;
            }

            _buffer.Append(text.AsSpan(plain, i - plain));
            plain = i + 1;
            _buffer.Append('\\');
            _buffer.Append(unit switch
            {
                '"' or '\\' => unit,
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\b' => 'b',
                '\f' => 'f',
                _ => 'u',
            });
            if (unit is not ('"' or '\\' or '\n' or '\r' or '\t' or '\b' or '\f'))
            {
                for (int shift = 12; shift >= 0; shift -= 4)
                {
                    _buffer.Append("0123456789abcdef"[(unit >> shift) & 0xF]);
                }
            }
        }

        _buffer.Append(text.AsSpan(plain));
        _buffer.Append('"');
    }
}
