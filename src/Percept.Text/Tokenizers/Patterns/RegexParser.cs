using System.Globalization;

namespace Percept.Text;

/// <summary>Reads the patterns of tokenizers: what Oniguruma and Rust's engines have in common, and where they differ.</summary>
internal ref partial struct RegexParser
{
    private const int MaxPattern = 20_000;
    private const int MaxDepth = 64;
    private const int MaxCount = 1000;

    private readonly ReadOnlySpan<char> _pattern;
    private readonly RegexSyntax _syntax;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;
    private bool _multiLine;
    private bool _extended;

    private RegexParser(ReadOnlySpan<char> pattern, RegexSyntax syntax)
    {
        _pattern = pattern;
        _syntax = syntax;
        _multiLine = syntax == RegexSyntax.Oniguruma;
    }

    internal static RegexNode Parse(string pattern, RegexSyntax syntax)
    {
        if (pattern.Length > MaxPattern)
        {
            throw new TextLimitException($"The pattern has {pattern.Length} characters, more than {MaxPattern}.");
        }

        var parser = new RegexParser(pattern, syntax);
        RegexNode node = parser.Choice();
        return parser._at == pattern.Length ? node : throw parser.Broken("a ')' without a '('");
    }

    private readonly bool More => _at < _pattern.Length;

    private readonly bool At(char unit) => _at < _pattern.Length && _pattern[_at] == unit;

    private bool Take(string text)
    {
        if (!_pattern[_at..].StartsWith(text, StringComparison.Ordinal))
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    private int TakeCodePoint()
    {
        if (!More)
        {
            throw Broken("its end where a character is expected");
        }

        int codePoint = CodePoints.At(_pattern, _at, out int units);
        _at += units;
        return codePoint;
    }

    private readonly InvalidDataException Broken(string problem) =>
        new($"The pattern '{Shown}' has {problem} at character {_at}.");

    private readonly NotSupportedException Unsupported(string what) =>
        new($"The pattern '{Shown}' uses {what} at character {_at}, which is not supported.");

    private readonly string Shown => _pattern.Length <= 200 ? _pattern.ToString() : $"{_pattern[..200]}…";

    private RegexNode Choice()
    {
        if (++_depth > MaxDepth)
        {
            throw new TextLimitException($"The pattern '{Shown}' nests groups deeper than {MaxDepth}.");
        }

        var parts = new List<RegexNode> { Sequence() };
        while (Take("|"))
        {
            parts.Add(Sequence());
        }

        _depth--;
        return parts.Count == 1 ? parts[0] : new RegexChoice(parts);
    }

    private RegexNode Sequence()
    {
        var parts = new List<RegexNode>();
        while (More && !At('|') && !At(')'))
        {
            if (_extended && SkipSpace())
            {
                continue;
            }

            if (Atom() is { } atom)
            {
                parts.Add(Quantified(atom));
            }
        }

        return parts.Count == 1 ? parts[0] : new RegexSequence(parts);
    }

    private bool SkipSpace()
    {
        if (char.IsWhiteSpace(_pattern[_at]))
        {
            _at++;
            return true;
        }

        if (!At('#'))
        {
            return false;
        }

        while (More && !At('\n'))
        {
            _at++;
        }

        return true;
    }

    private RegexNode Quantified(RegexNode atom)
    {
        int wraps = 0;
        while (More)
        {
            int min;
            int max;
            bool interval = false;
            if (Take("*"))
            {
                (min, max) = (0, -1);
            }
            else if (Take("+"))
            {
                (min, max) = (1, -1);
            }
            else if (Take("?"))
            {
                (min, max) = (0, 1);
            }
            else if (At('{') && TryInterval(out min, out max))
            {
                interval = true;
            }
            else
            {
                break;
            }

            if (++wraps > MaxDepth)
            {
                throw new TextLimitException($"The pattern '{Shown}' puts more than {MaxDepth} quantifiers on one part.");
            }

            bool ruby = _syntax == RegexSyntax.Oniguruma;
            // Oniguruma takes {n}? as "n times or not at all" and {n,m}+ as a repeated interval.
            bool lazy = !(interval && ruby && min == max) && Take("?");
            bool possessive = !lazy && !(interval && ruby) && Take("+");
            atom = new RegexRepeat(atom, min, max, lazy);
            atom = possessive ? new RegexAtomic(atom) : atom;
        }

        return atom;
    }

    private bool TryInterval(out int min, out int max)
    {
        int start = _at++;
        min = Number();
        max = min;
        if (Take(","))
        {
            max = Number();
            if (min < 0 && max < 0)
            {
                max = min;
                _at = start;
                return Literal(out min, out max);
            }

            min = Math.Max(min, 0);
        }
        else if (min < 0)
        {
            _at = start;
            return Literal(out min, out max);
        }

        if (!Take("}"))
        {
            _at = start;
            return Literal(out min, out max);
        }

        if (min > MaxCount || max > MaxCount)
        {
            throw new TextLimitException($"The pattern '{Shown}' repeats more than {MaxCount} times.");
        }

        return max < 0 || max >= min ? true : throw Broken("an interval whose end is before its start");

        static bool Literal(out int min, out int max)
        {
            min = max = 0;
            return false;
        }
    }

    // A number; -1 for none.
    private int Number()
    {
        int start = _at;
        int number = 0;
        while (More && char.IsAsciiDigit(_pattern[_at]))
        {
            number = Math.Min((number * 10) + (_pattern[_at++] - '0'), MaxCount + 1);
        }

        return _at == start ? -1 : number;
    }

    // One part without its quantifier; null for a group that only sets flags.
    private RegexNode? Atom()
    {
        char unit = _pattern[_at];
        switch (unit)
        {
            case '(':
                return Group();
            case '[':
                _at++;
                return new RegexSet(Set());
            case '.':
                _at++;
                var any = new CodePointSet { Negated = true };
                if (!_dotAll)
                {
                    any.AddRange('\n', '\n');
                    if (_syntax == RegexSyntax.Ecma)
                    {
                        any.AddRange('\r', '\r');
                        any.AddRange(0x2028, 0x2029);
                    }
                }

                return new RegexSet(any);
            case '^':
                _at++;
                return new RegexAnchor(_multiLine ? RegexAnchorKind.LineStart : RegexAnchorKind.TextStart);
            case '$':
                _at++;
                return new RegexAnchor(_multiLine ? RegexAnchorKind.LineEnd : RegexAnchorKind.TextEnd);
            case '\\':
                _at++;
                return Escape();
            case '*' or '+' or '?':
                throw Broken($"'{unit}' with nothing to repeat");
            default:
                return new RegexSet(CodePointSet.Of(TakeCodePoint(), _ignoreCase));
        }
    }

    private RegexNode? Group()
    {
        _at++;
        (bool ignoreCase, bool dotAll, bool multiLine, bool extended) = (_ignoreCase, _dotAll, _multiLine, _extended);
        Func<RegexNode, RegexNode> wrap = static node => node;
        if (Take("?"))
        {
            if (Take("#"))
            {
                while (More && !At(')'))
                {
                    _at++;
                }
            }
            else if (Take("=") || Take("!"))
            {
                bool negated = _pattern[_at - 1] == '!';
                wrap = node => new RegexLook(node, Behind: false, negated);
            }
            else if (Take("<=") || Take("<!"))
            {
                bool negated = _pattern[_at - 1] == '!';
                wrap = node => new RegexLook(node, Behind: true, negated);
            }
            else if (Take(">"))
            {
                wrap = static node => new RegexAtomic(node);
            }
            else if (Take("<") || Take("P<"))
            {
                while (More && !At('>'))
                {
                    _at++;
                }

                if (!Take(">"))
                {
                    throw Broken("a group name without an end");
                }
            }
            else if (!Flags())
            {
                // Flags up to the end of the group around this one.
                return null;
            }
        }

        RegexNode inner = Choice();
        if (!Take(")"))
        {
            throw Broken("a '(' without a ')'");
        }

        (_ignoreCase, _dotAll, _multiLine, _extended) = (ignoreCase, dotAll, multiLine, extended);
        return wrap(inner);
    }

    // Reads flags up to ':' (true) or ')' (false).
    private bool Flags()
    {
        bool on = true;
        while (More)
        {
            char flag = _pattern[_at++];
            switch (flag)
            {
                case ':':
                    return true;
                case ')':
                    return false;
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 'x':
                    _extended = on;
                    break;
                case 'm' when _syntax == RegexSyntax.Oniguruma:
                case 's' when _syntax != RegexSyntax.Oniguruma:
                    _dotAll = on;
                    break;
                case 'm':
                    _multiLine = on;
                    break;
                case 'u' when _syntax == RegexSyntax.Rust && on:
                    break;
                default:
                    throw Unsupported($"the group '(?{flag}'");
            }
        }

        throw Broken("a '(?' without an end");
    }

    private RegexNode Escape()
    {
        if (!More)
        {
            throw Broken("a '\\' at its end");
        }

        RegexAnchorKind? anchor = _pattern[_at] switch
        {
            'A' => RegexAnchorKind.TextStart,
            'z' => RegexAnchorKind.TextEnd,
            'Z' when _syntax == RegexSyntax.Oniguruma => RegexAnchorKind.LastLineEnd,
            'b' => RegexAnchorKind.WordEdge,
            'B' => RegexAnchorKind.NoWordEdge,
            _ => null,
        };
        if (anchor is { } kind)
        {
            _at++;
            return new RegexAnchor(kind);
        }

        if (_pattern[_at] is >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K' or 'R' or 'X')
        {
            throw Unsupported($"'\\{_pattern[_at]}'");
        }

        var set = new CodePointSet { IgnoreCase = _ignoreCase };
        if (!TryKind(set))
        {
            int codePoint = EscapedCodePoint();
            set.AddRange(codePoint, codePoint);
        }

        return new RegexSet(set);
    }

    private int EscapedCodePoint()
    {
        int codePoint = TakeCodePoint();
        switch (codePoint)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case '0':
                return 0;
            case 'x':
                return Hex(2, braces: _syntax != RegexSyntax.Ecma);
            case 'u' when _syntax == RegexSyntax.Ecma:
                return EcmaUnit();
            case 'u':
                return Hex(4, braces: _syntax == RegexSyntax.Rust);
            case 'c' when _syntax == RegexSyntax.Ecma && More && char.IsAsciiLetter(_pattern[_at]):
                return _pattern[_at++] % 32;
            case < 0x80 when char.IsAsciiLetter((char)codePoint):
                throw Unsupported($"'\\{(char)codePoint}'");
            default:
                return codePoint;
        }
    }

    // Two escapes in a row may be one character beyond the basic plane.
    private int EcmaUnit()
    {
        int unit = Hex(4, braces: true);
        int next = _at;
        if (unit is < 0xD800 or > 0xDBFF || !Take("\\u"))
        {
            return unit;
        }

        int second = Hex(4, braces: false);
        if (second is >= 0xDC00 and <= 0xDFFF)
        {
            return char.ConvertToUtf32((char)unit, (char)second);
        }

        _at = next;
        return unit;
    }

    private int Hex(int digits, bool braces)
    {
        ReadOnlySpan<char> text;
        if (braces && Take("{"))
        {
            int end = _pattern[_at..].IndexOf('}');
            text = end < 0 ? default : _pattern.Slice(_at, end);
            _at += text.Length + 1;
        }
        else
        {
            text = _pattern.Slice(_at, Math.Min(digits, _pattern.Length - _at));
            _at += text.Length;
        }

        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int codePoint)
            && codePoint is >= 0 and <= 0x10FFFF
                ? codePoint
                : throw Broken("an escaped code point that is none");
    }
}
