using System.Numerics;
using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Python's <c>'%s' % values</c>.</summary>
internal ref struct PercentFormat
{
    private const int MaxWidth = 1 << 24;

    private readonly RenderContext _c;
    private readonly string _format;
    private readonly Value _arguments;
    private readonly StringBuilder _text = new();
    private int _at;
    private int _used;
    private bool _left;
    private bool _zero;
    private bool _alternate;
    private char _sign;

    private PercentFormat(RenderContext c, string format, Value arguments)
    {
        _c = c;
        _format = format;
        _arguments = arguments;
    }

    internal static string Apply(RenderContext c, string format, Value arguments)
    {
        var run = new PercentFormat(c, format, arguments);
        return run.Run();
    }

    /// <summary>Reads digits; null when there are none.</summary>
    internal static int? Number(RenderContext c, string text, ref int at)
    {
        int start = at;
        int number = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            number = (number * 10) + text[at++] - '0';
            if (number > MaxWidth)
            {
                throw c.Fail(TemplateErrorKind.Limit, $"A format asks for a width or precision above {MaxWidth}.");
            }
        }

        return at == start ? null : number;
    }

    internal static void CheckPrecision(RenderContext c, int precision)
    {
        if (precision > FloatText.MaxPrecision)
        {
            throw c.Fail(TemplateErrorKind.Limit, $"A format asks for {precision} decimals, at most {FloatText.MaxPrecision} are allowed.");
        }

        c.Charge(Math.Max(0, precision));
    }

    private string Run()
    {
        while (_at < _format.Length)
        {
            int next = _format.IndexOf('%', _at);
            if (next < 0)
            {
                _text.Append(_format, _at, _format.Length - _at);
                break;
            }

            int before = _text.Length;
            _text.Append(_format, _at, next - _at);
            _at = next + 1;
            Convert();
            _c.CheckGrowth(_text.Length, _text.Length - before);
        }

        bool isMapping = _arguments.Kind is ValueKind.Dict or ValueKind.List or ValueKind.Range or ValueKind.Undefined;
        int given = _arguments.Kind == ValueKind.Tuple ? ((PyList)_arguments.Ref!).Count : 1;
        return _used >= given || isMapping
            ? _text.ToString()
            : throw _c.Fail(TemplateErrorKind.Type, "The format does not use all of its values.");
    }

    private void Convert()
    {
        Value? keyed = Key();
        Flags();
        int width = Star() ?? Number(_c, _format, ref _at) ?? 0;
        if (width < 0)
        {
            _left = true;
            width = -width;
        }

        int precision = -1;
        if (Current == '.')
        {
            _at++;
            precision = Math.Max(0, Star() ?? Number(_c, _format, ref _at) ?? 0);
        }

        if (Current is 'h' or 'l' or 'L')
        {
            _at++;
        }

        if (_at >= _format.Length)
        {
            throw _c.Fail(TemplateErrorKind.Value, "The format ends within a conversion.");
        }

        char type = _format[_at++];
        if (type == '%')
        {
            _text.Append('%');
            return;
        }

        _c.CheckGrowth((long)_text.Length + Math.Max(width, precision), 0);
        Write(type, keyed ?? Next(), width, precision);
    }

    private readonly char Current => _at < _format.Length ? _format[_at] : '\0';

    private Value? Key()
    {
        if (Current != '(')
        {
            return null;
        }

        int depth = 1;
        int start = ++_at;
        while (_at < _format.Length && depth > 0)
        {
            depth += _format[_at] == '(' ? 1 : _format[_at] == ')' ? -1 : 0;
            _at++;
        }

        if (depth > 0)
        {
            throw _c.Fail(TemplateErrorKind.Value, "The format has a key without an end.");
        }

        string key = _format[start..(_at - 1)];
        return Require.Dict(_c, _arguments, "The value of a format with keys").TryGet(key, out Value value)
            ? value
            : throw _c.Fail(TemplateErrorKind.Value, $"The format asks for the key '{key}', which is missing.");
    }

    private void Flags()
    {
        (_left, _zero, _alternate, _sign) = (false, false, false, '\0');
        for (; ; _at++)
        {
            switch (Current)
            {
                case '-':
                    _left = true;
                    break;
                case '0':
                    _zero = true;
                    break;
                case '#':
                    _alternate = true;
                    break;
                case '+':
                    _sign = '+';
                    break;
                case ' ':
                    _sign = _sign == '\0' ? ' ' : _sign;
                    break;
                default:
                    return;
            }
        }
    }

    private int? Star()
    {
        if (Current != '*')
        {
            return null;
        }

        _at++;
        int number = Require.Int(_c, Next(), "A width or precision");
        return Math.Abs((long)number) <= MaxWidth
            ? number
            : throw _c.Fail(TemplateErrorKind.Limit, $"A format asks for a width or precision above {MaxWidth}.");
    }

    private Value Next()
    {
        if (_arguments.Kind != ValueKind.Tuple)
        {
            return _used++ == 0 ? _arguments : throw TooFew();
        }

        var tuple = (PyList)_arguments.Ref!;
        return _used < tuple.Count ? tuple.Items[_used++] : throw TooFew();
    }

    private readonly TemplateException TooFew() => _c.Fail(TemplateErrorKind.Type, "The format asks for more values than there are.");

    private void Write(char type, Value value, int width, int precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                string text = type == 's' ? PyText.Str(_c, value) : PyText.Repr(_c, value);
                Pad("", precision < 0 ? text : text[..TextUnits.UnitOf(text, precision)], width, zero: false);
                break;
            case 'c':
                Pad("", Character(value), width, zero: false);
                break;
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                Whole(type, value, width, precision);
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                CheckPrecision(_c, precision);
                double number = Require.Number(_c, value, "The value of a number format");
                bool negative = double.IsNegative(number) && !double.IsNaN(number);
                Pad(Sign(negative), NumberText.Float(number, type, precision, _alternate), width, _zero && double.IsFinite(number));
                break;
            default:
                throw _c.Fail(TemplateErrorKind.Value, $"The format type '{type}' is not known.");
        }
    }

    private void Whole(char type, Value value, int width, int precision)
    {
        if (value.Kind == ValueKind.Float && type is 'd' or 'i' or 'u' && value.Kind == ValueKind.Float)
        {
            double number = value.AsDouble;
            value = double.IsFinite(number)
                ? Value.From(new BigInteger(number))
                : throw _c.Fail(TemplateErrorKind.Value, "A float that is not finite has no whole number.");
        }

        if (!Numbers.IsWhole(value))
        {
            throw Operators.Undefined(_c, value) ?? _c.Fail(
                TemplateErrorKind.Type, $"The format '%{type}' needs a number, found {PyText.TypeName(value)}.");
        }

        BigInteger whole = Numbers.Big(value);
        string digits = NumberText.Whole(_c, whole, type).PadLeft(Math.Max(0, precision), '0');
        string prefix = _alternate && type is 'x' or 'X' or 'o' && _alternate ? "0" + type : "";
        Pad(Sign(whole.Sign < 0) + prefix, digits, width, _zero);
    }

    private readonly string Character(Value value)
    {
        if (value.TryText(out string text) && TextUnits.Count(text) == 1)
        {
            return text;
        }

        return Numbers.TryLong(value, out long code) && code is >= 0 and <= 0x10FFFF && Rune.IsValid((int)code)
            ? new Rune((int)code).ToString()
            : throw _c.Fail(TemplateErrorKind.Type, "The format '%c' needs one character or its code point.");
    }

    private readonly string Sign(bool negative) => negative ? "-" : _sign == '\0' ? "" : _sign.ToString();

    private readonly void Pad(string head, string body, int width, bool zero)
    {
        int missing = Math.Max(0, width - TextUnits.Count(head) - TextUnits.Count(body));
        if (_left)
        {
            _text.Append(head).Append(body).Append(' ', missing);
        }
        else if (zero)
        {
            _text.Append(head).Append('0', missing).Append(body);
        }
        else
        {
            _text.Append(' ', missing).Append(head).Append(body);
        }
    }
}
