using System.Numerics;
using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The part after the colon in <c>'{:&gt;8.3f}'</c>, and what it makes of values.</summary>
internal sealed class FormatSpec
{
    private string _fill = " ";
    private char _align;
    private char _sign = '-';
    private bool _alternate;
    private bool _zero;
    private int _width;
    private char _grouping;
    private int _precision = -1;
    private char _type;

    private FormatSpec()
    {
    }

    /// <summary>Formats a value by a specification.</summary>
    internal static string Apply(RenderContext c, Value value, string text)
    {
        if (text.Length == 0)
        {
            return PyText.Str(c, value);
        }

        FormatSpec spec = Parse(c, text);
        c.CheckText(Math.Max(spec._width, spec._precision));
        return value.Kind switch
        {
            ValueKind.Text or ValueKind.Markup => spec.Text(c, PyText.Str(c, value)),
            ValueKind.Float => spec.Float(c, value.AsDouble),
            ValueKind.Bool or ValueKind.Int or ValueKind.BigInt => spec.Whole(c, value),
            _ => throw c.Fail(
                TemplateErrorKind.Type, $"A value of type {PyText.TypeName(value)} takes no format '{text}'."),
        };
    }

    private static FormatSpec Parse(RenderContext c, string text)
    {
        var spec = new FormatSpec();
        int at = 0;
        int fillWidth = TextUnits.Width(text, 0);
        if (text.Length > fillWidth && IsAlign(text[fillWidth]))
        {
            spec._fill = text[..fillWidth];
            spec._align = text[fillWidth];
            at = fillWidth + 1;
        }
        else if (IsAlign(text[0]))
        {
            spec._align = text[at++];
        }

        char Current() => at < text.Length ? text[at] : '\0';
        if (Current() is '+' or '-' or ' ')
        {
            spec._sign = text[at++];
        }

        if (Current() == '#')
        {
            spec._alternate = true;
            at++;
        }

        if (Current() == '0')
        {
            spec._zero = true;
            spec._fill = at == 0 || spec._align == '\0' ? "0" : spec._fill;
            at++;
        }

        spec._width = PercentFormat.Number(c, text, ref at) ?? 0;
        if (Current() is ',' or '_')
        {
            spec._grouping = text[at++];
        }

        if (Current() == '.')
        {
            at++;
            spec._precision = PercentFormat.Number(c, text, ref at)
                ?? throw c.Fail(TemplateErrorKind.Value, $"The format '{text}' has a point without a precision.");
        }

        if (at < text.Length)
        {
            spec._type = text[at++];
        }

        return at == text.Length
            ? spec
            : throw c.Fail(TemplateErrorKind.Value, $"The format '{text}' is not understood from position {at + 1} on.");
    }

    private static bool IsAlign(char unit) => unit is '<' or '>' or '^' or '=';

    private string Text(RenderContext c, string text)
    {
        if (_type is not ('\0' or 's') || _align == '=' || _sign != '-' || _alternate || _grouping != '\0')
        {
            throw c.Fail(TemplateErrorKind.Value, "The format does not fit a text.");
        }

        if (_precision >= 0)
        {
            text = text[..TextUnits.UnitOf(text, _precision)];
        }

        return Pad("", text, _align == '\0' ? '<' : _align);
    }

    private string Whole(RenderContext c, Value value)
    {
        switch (_type)
        {
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%':
                return Float(c, Numbers.Double(c, value));
            case '\0' or 'd' or 'n' or 'x' or 'X' or 'o' or 'b' when _precision < 0:
                BigInteger number = Numbers.Big(value);
                string prefix = _alternate && _type is 'x' or 'X' or 'o' or 'b' && _alternate ? "0" + _type : "";
                return Signed(number.Sign < 0, prefix, NumberText.Whole(c, number, _type), _type is 'x' or 'X' or 'o' or 'b' ? 4 : 3);
            case 'c' when _precision < 0 && Numbers.TryLong(value, out long code) && Rune.IsValid(unchecked((int)code)):
                return Pad("", new Rune((int)code).ToString(), _align == '\0' ? '<' : _align);
            default:
                throw c.Fail(TemplateErrorKind.Value, "The format does not fit a whole number.");
        }
    }

    private string Float(RenderContext c, double value)
    {
        if (_type is not ('\0' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%'))
        {
            throw c.Fail(TemplateErrorKind.Value, $"The format type '{_type}' does not fit a float.");
        }

        PercentFormat.CheckPrecision(c, _precision);
        return Signed(double.IsNegative(value) && !double.IsNaN(value), "", NumberText.Float(value, _type, _precision, _alternate), 3);
    }

    private string Signed(bool negative, string prefix, string digits, int groupSize)
    {
        string sign = negative ? "-" : _sign is '+' or ' ' ? _sign.ToString() : "";
        char align = _align != '\0' ? _align : _zero ? '=' : '>';
        string head = sign + prefix;
        if (_grouping != '\0')
        {
            int end = 0;
            while (end < digits.Length && char.IsAsciiHexDigit(digits[end]))
            {
                end++;
            }

            if (groupSize == 3)
            {
                end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
                end = end < 0 ? digits.Length : end;
            }

            int fill = align == '=' && _fill == "0" ? _width - head.Length - (digits.Length - end) : 0;
            digits = Group(digits[..end], groupSize, fill) + digits[end..];
        }

        return Pad(head, digits, align);
    }

    private string Group(string digits, int size, int width)
    {
        // Zeros that fill the width are grouped too; a group never starts with its separator.
        int zeros = 0;
        while (digits.Length + zeros + ((digits.Length + zeros - 1) / size) < width)
        {
            zeros++;
        }

        digits = new string('0', zeros) + digits;
        var builder = new StringBuilder(digits.Length * 2);
        for (int i = 0; i < digits.Length; i++)
        {
            if (i > 0 && (digits.Length - i) % size == 0)
            {
                builder.Append(_grouping);
            }

            builder.Append(digits[i]);
        }

        return builder.ToString();
    }

    private string Pad(string head, string body, char align)
    {
        int missing = _width - TextUnits.Count(head) - TextUnits.Count(body);
        if (missing <= 0)
        {
            return head + body;
        }

        int left = align switch
        {
            '<' => 0,
            '^' => missing / 2,
            _ => missing,
        };
        var builder = new StringBuilder(head.Length + body.Length + missing);
        if (align == '=')
        {
            return builder.Append(head).Insert(head.Length, _fill, missing).Append(body).ToString();
        }

        return builder.Insert(0, _fill, left).Append(head).Append(body)
            .Insert(builder.Length, _fill, missing - left).ToString();
    }
}
