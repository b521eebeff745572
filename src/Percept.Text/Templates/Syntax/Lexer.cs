using System.Globalization;
using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Source to tokens, with white space around tags removed as asked for.</summary>
internal sealed class Lexer
{
    private const int MaxDigits = 4300;
    private const int MaxLength = 1 << 20;

    private static readonly string[] s_operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":",
        "|", ",", ";",
    ];

    private readonly SourceText _source;
    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _open = new();
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private int _at;
    private bool _lineStarts = true;

    private Lexer(SourceText source)
    {
        _source = source;
        _text = source.Text;
        if (_text.Length > MaxLength)
        {
            throw source.Fail(
                TemplateErrorKind.Limit, $"The template has {_text.Length} characters, at most {MaxLength} are allowed.", 0);
        }
    }

    internal static List<Token> Read(SourceText source)
    {
        var lexer = new Lexer(source);
        lexer.Read();
        return lexer._tokens;
    }

    private void Read()
    {
        while (true)
        {
            int tag = NextTag(_at);
            if (tag < 0)
            {
                AddData(_at, _text.Length);
                Add(TokenKind.End, "", _text.Length);
                return;
            }

            char kind = _text[tag + 1];
            char next = tag + 2 < _text.Length ? _text[tag + 2] : '\0';
            char sign = next is '-' or '+' ? next : '\0';
            AddData(_at, DataEnd(_at, tag, sign, kind != '{'));
            _at = tag + (sign == '\0' ? 2 : 3);
            if (kind == '#')
            {
                SkipComment(tag);
            }
            else if (kind == '%' && TryKeyword(_at, "raw", out int bodyStart))
            {
                _at = bodyStart;
                ReadRaw(tag);
            }
            else
            {
                bool isBlock = kind == '%';
                Add(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", tag);
                ReadTag(isBlock);
            }
        }
    }

    private int NextTag(int from)
    {
        for (int at = from; ; at++)
        {
            int found = _text.AsSpan(at).IndexOf('{');
            if (found < 0 || at + found + 1 >= _text.Length)
            {
                return -1;
            }

            at += found;
            if (_text[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }
    }

    /// <summary>Where the text before a tag ends once white space is removed.</summary>
    private int DataEnd(int start, int tag, char sign, bool stripsIndent)
    {
        int end = tag;
        if (sign == '-')
        {
            while (end > start && TextUnits.IsSpace(_text[end - 1]))
            {
                end--;
            }

            return end;
        }

        if (sign == '+' || !stripsIndent)
        {
            return end;
        }

        int line = _text.AsSpan(start, tag - start).LastIndexOf('\n') + 1 + start;
        if (line == start && !_lineStarts)
        {
            return end;
        }

        foreach (char unit in _text.AsSpan(line, tag - line))
        {
            if (!TextUnits.IsSpace(unit))
            {
                return end;
            }
        }

        return line;
    }

    private void AddData(int start, int end)
    {
        if (end > start)
        {
            _tokens.Add(new Token(TokenKind.Data, _text[start..end], default, start));
        }
    }

    private void Add(TokenKind kind, string text, int at) => _tokens.Add(new Token(kind, text, default, at));

    /// <summary>Whether a tag holds this word alone; where the text after the tag starts.</summary>
    private bool TryKeyword(int at, string word, out int after)
    {
        after = SkipSpace(at);
        if (!_text.AsSpan(after).StartsWith(word, StringComparison.Ordinal))
        {
            return false;
        }

        after = SkipSpace(after + word.Length);
        ReadOnlySpan<char> rest = _text.AsSpan(after);
        if (rest.StartsWith("-%}", StringComparison.Ordinal))
        {
            after = SkipSpace(after + 3);
            return true;
        }

        if (rest.StartsWith("+%}", StringComparison.Ordinal) && word == "endraw")
        {
            after += 3;
            return true;
        }

        if (!rest.StartsWith("%}", StringComparison.Ordinal))
        {
            return false;
        }

        after += 2;
        if (word == "endraw" && after < _text.Length && _text[after] == '\n')
        {
            after++;
        }

        return true;
    }

    private void ReadRaw(int tag)
    {
        _lineStarts = _text[_at - 1] == '\n';
        for (int at = _at; ; at++)
        {
            int found = _text.AsSpan(at).IndexOf("{%", StringComparison.Ordinal);
            if (found < 0)
            {
                throw _source.Fail(TemplateErrorKind.Syntax, "The 'raw' tag has no 'endraw'.", tag);
            }

            at += found;
            char sign = at + 2 < _text.Length ? _text[at + 2] : '\0';
            bool signed = sign is '-' or '+';
            if (TryKeyword(at + (signed ? 3 : 2), "endraw", out int after))
            {
                AddData(_at, DataEnd(_at, at, signed ? sign : '\0', stripsIndent: true));
                _at = after;
                _lineStarts = _text[_at - 1] == '\n';
                return;
            }
        }
    }

    private void SkipComment(int tag)
    {
        int end = _text.AsSpan(_at).IndexOf("#}", StringComparison.Ordinal);
        if (end < 0)
        {
            throw _source.Fail(TemplateErrorKind.Syntax, "The comment has no end.", tag);
        }

        char sign = end > 0 ? _text[_at + end - 1] : '\0';
        EndTag(_at + end + 2, sign, trimsLine: true);
    }

    /// <summary>Goes on after a tag, over the white space that the tag takes with it.</summary>
    private void EndTag(int at, char sign, bool trimsLine)
    {
        _at = at;
        if (sign == '-')
        {
            _at = SkipSpace(_at);
        }
        else if (sign != '+' && trimsLine && _at < _text.Length && _text[_at] == '\n')
        {
            _at++;
        }

        _lineStarts = _text[_at - 1] == '\n';
    }

    private int SkipSpace(int at)
    {
        while (at < _text.Length && TextUnits.IsSpace(_text[at]))
        {
            at++;
        }

        return at;
    }

    private void ReadTag(bool isBlock)
    {
        int tag = _at;
        string end = isBlock ? "%}" : "}}";
        _open.Clear();
        while (true)
        {
            if (_at >= _text.Length)
            {
                throw _source.Fail(TemplateErrorKind.Syntax, $"The tag has no '{end}'.", tag);
            }

            if (_open.Count == 0)
            {
                char sign = _text[_at] == '-' || (isBlock && _text[_at] == '+') ? _text[_at] : '\0';
                int place = sign == '\0' ? _at : _at + 1;
                if (_text.AsSpan(place).StartsWith(end, StringComparison.Ordinal))
                {
                    Add(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _at);
                    EndTag(place + 2, sign, isBlock);
                    return;
                }
            }

            if (TextUnits.IsSpace(_text[_at]))
            {
                _at = SkipSpace(_at);
            }
            else
            {
                ReadToken();
            }
        }
    }

    private void ReadToken()
    {
        char unit = _text[_at];
        if (char.IsAsciiDigit(unit))
        {
            ReadNumber();
        }
        else if (unit is '\'' or '"')
        {
            ReadText(unit);
        }
        else if (unit == '_' || char.IsLetter(unit))
        {
            int start = _at;
            while (_at < _text.Length && (_text[_at] == '_' || char.IsLetterOrDigit(_text[_at])))
            {
                _at++;
            }

            Add(TokenKind.Name, Name(_text.AsSpan(start, _at - start)), start);
        }
        else
        {
            ReadOperator();
        }
    }

    /// <summary>One instance for every name, whatever the number of its uses.</summary>
    private string Name(ReadOnlySpan<char> name)
    {
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!names.TryGetValue(name, out string? known))
        {
            known = TextLiteral.Shared(name.ToString());
            _names.Add(known, known);
        }

        return known;
    }

    private void ReadOperator()
    {
        ReadOnlySpan<char> rest = _text.AsSpan(_at);
        foreach (string sign in s_operators)
        {
            if (!rest.StartsWith(sign, StringComparison.Ordinal))
            {
                continue;
            }

            Balance(sign[0]);
            Add(TokenKind.Operator, sign, _at);
            _at += sign.Length;
            return;
        }

        throw _source.Fail(TemplateErrorKind.Syntax, $"The character '{TextUnits.At(_text, _at)}' has no meaning here.", _at);
    }

    private void Balance(char sign)
    {
        switch (sign)
        {
            case '(':
                _open.Push(')');
                break;
            case '[':
                _open.Push(']');
                break;
            case '{':
                _open.Push('}');
                break;
            case ')' or ']' or '}' when !_open.TryPop(out char expected) || expected != sign:
                throw _source.Fail(TemplateErrorKind.Syntax, $"The '{sign}' has no counterpart.", _at);
        }
    }

    private void ReadText(char quote)
    {
        int end = _at + 1;
        while (end < _text.Length && _text[end] != quote)
        {
            end += _text[end] == '\\' ? 2 : 1;
        }

        if (end >= _text.Length)
        {
            throw _source.Fail(TemplateErrorKind.Syntax, "The text has no closing quote.", _at);
        }

        Add(TokenKind.Text, TextLiteral.Decode(_source, _text[(_at + 1)..end], _at), _at);
        _at = end + 1;
    }

    private void ReadNumber()
    {
        int start = _at;
        int radix = _text[_at] == '0' && _at + 1 < _text.Length
            ? char.ToLowerInvariant(_text[_at + 1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 }
            : 10;
        if (radix != 10 && DigitsEnd(_at + 2, radix, leadingLine: true) is var radixEnd && radixEnd > _at + 2)
        {
            _at = radixEnd;
            AddInteger(start, radix);
            return;
        }

        int whole = DigitsEnd(_at, 10, leadingLine: false);
        int end = whole;
        bool afterPoint = start > 0 && _text[start - 1] == '.';
        if (!afterPoint)
        {
            if (end + 1 < _text.Length && _text[end] == '.' && char.IsAsciiDigit(_text[end + 1]))
            {
                end = DigitsEnd(end + 1, 10, leadingLine: false);
            }

            if (end < _text.Length && (_text[end] is 'e' or 'E'))
            {
                int digits = end + 1 < _text.Length && (_text[end + 1] is '+' or '-') ? end + 2 : end + 1;
                int exponentEnd = DigitsEnd(digits, 10, leadingLine: false);
                end = exponentEnd > digits ? exponentEnd : end;
            }
        }

        if (end > whole)
        {
            _at = end;
            string text = _text[start..end].Replace("_", "", StringComparison.Ordinal);
            double number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            _tokens.Add(new Token(TokenKind.Float, text, Value.From(number), start));
            return;
        }

        // Zeros cannot lead a number: "007" is 00 and 7.
        if (_text[start] == '0')
        {
            while (whole > start + 1 && _text.AsSpan(start, whole - start).IndexOfAnyExcept('0', '_') >= 0)
            {
                whole--;
            }
        }

        _at = whole;
        AddInteger(start, 10);
    }

    private void AddInteger(int start, int radix)
    {
        string text = _text[start.._at].Replace("_", "", StringComparison.Ordinal);
        if (text.Length > MaxDigits)
        {
            throw _source.Fail(TemplateErrorKind.Syntax, $"The number has more than {MaxDigits} digits.", start);
        }

        BigInteger number = radix == 10 ? BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : BigInteger.Zero;
        if (radix != 10)
        {
            foreach (char digit in text.AsSpan(2))
            {
                number = (number * radix) + Convert.ToInt32(digit.ToString(), 16);
            }
        }

        _tokens.Add(new Token(TokenKind.Integer, text, Value.From(number), start));
    }

    /// <summary>The end of digits with single underscores between them.</summary>
    private int DigitsEnd(int at, int radix, bool leadingLine)
    {
        bool lineAllowed = leadingLine;
        while (at < _text.Length)
        {
            if (IsDigit(_text[at], radix))
            {
                at++;
                lineAllowed = true;
            }
            else if (_text[at] == '_' && lineAllowed && at + 1 < _text.Length && IsDigit(_text[at + 1], radix))
            {
                at += 2;
            }
            else
            {
                break;
            }
        }

        return at;
    }

    private static bool IsDigit(char unit, int radix) => radix switch
    {
        16 => char.IsAsciiHexDigit(unit),
        10 => char.IsAsciiDigit(unit),
        _ => unit >= '0' && unit < '0' + radix,
    };
}
