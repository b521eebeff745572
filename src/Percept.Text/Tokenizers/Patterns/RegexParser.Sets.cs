namespace Percept.Text;

/// <content>Sets in brackets and named kinds of characters.</content>
internal ref partial struct RegexParser
{
    private static readonly (int First, int Last)[] s_ecmaDigits = [('0', '9')];

    private static readonly (int First, int Last)[] s_ecmaWord = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    private static readonly (int First, int Last)[] s_ecmaWhite =
    [
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    ];

    // What stands between '[' and ']'; the '[' is taken already.
    private CodePointSet Set()
    {
        if (++_depth > MaxDepth)
        {
            throw new TextLimitException($"The pattern '{Shown}' nests sets deeper than {MaxDepth}.");
        }

        var set = new CodePointSet { IgnoreCase = _ignoreCase, Negated = Take("^") };
        // In ECMA-262 an empty set is one; elsewhere the first bracket is a character.
        bool first = _syntax != RegexSyntax.Ecma;
        while (first || !At(']'))
        {
            if (!More)
            {
                throw Broken("a '[' without a ']'");
            }

            if (_syntax != RegexSyntax.Ecma && Take("&&"))
            {
                set.Intersect(RestOfSet());
                break;
            }

            SetItem(set);
            first = false;
        }

        _at++;
        _depth--;
        return set;
    }

    // The right side of '&&', up to the closing bracket.
    private CodePointSet RestOfSet()
    {
        var rest = new CodePointSet { IgnoreCase = _ignoreCase };
        while (!At(']'))
        {
            if (!More)
            {
                throw Broken("a '[' without a ']'");
            }

            if (Take("&&"))
            {
                rest.Intersect(RestOfSet());
                break;
            }

            SetItem(rest);
        }

        return rest;
    }

    private void SetItem(CodePointSet set)
    {
        if (At('[') && _syntax != RegexSyntax.Ecma)
        {
            _at++;
            if (At(':') && TryPosix(set))
            {
                return;
            }

            CodePointSet nested = Set();
            set.AddKind(nested.Contains);
            return;
        }

        if (At('\\') && _at + 1 < _pattern.Length)
        {
            _at++;
            if (TryKind(set))
            {
                return;
            }

            _at--;
        }

        int first = SetCodePoint();
        int last = first;
        if (At('-') && _at + 1 < _pattern.Length && _pattern[_at + 1] != ']')
        {
            int dash = _at++;
            if ((At('[') && _syntax != RegexSyntax.Ecma) || IsKindAhead())
            {
                // A dash before a set is a dash.
                _at = dash;
            }
            else
            {
                last = SetCodePoint();
            }
        }

        if (last < first)
        {
            throw Broken("a range whose end is before its start");
        }

        set.AddRange(first, last);
    }

    private readonly bool IsKindAhead() =>
        At('\\') && _at + 1 < _pattern.Length && _pattern[_at + 1] is 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'p' or 'P';

    private int SetCodePoint()
    {
        if (!At('\\'))
        {
            return TakeCodePoint();
        }

        _at++;
        if (At('b'))
        {
            _at++;
            return '\b';
        }

        return EscapedCodePoint();
    }

    private bool TryPosix(CodePointSet set)
    {
        int end = _pattern[_at..].IndexOf(":]", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<char> name = _pattern.Slice(_at + 1, end - 1);
        bool negated = name.StartsWith('^');
        if (CodePointKinds.Find(negated ? name[1..] : name) is not { } kind)
        {
            return false;
        }

        _at += end + 2;
        set.AddKind(negated ? codePoint => !kind(codePoint) : kind);
        return true;
    }

    // A named kind behind a '\': \s, \p{L} and so on.
    private bool TryKind(CodePointSet set)
    {
        char letter = _pattern[_at];
        if (_syntax == RegexSyntax.Ecma && EcmaKind(letter) is { Length: > 0 } ranges)
        {
            _at++;
            AddRanges(set, ranges, complement: char.IsAsciiLetterUpper(letter));
            return true;
        }

        Func<int, bool>? kind = char.ToLowerInvariant(letter) switch
        {
            'd' => CodePointKinds.IsDigit,
            's' => CodePoints.IsWhite,
            'w' => CodePoints.IsWord,
            'h' when _syntax == RegexSyntax.Oniguruma => CodePointKinds.IsHexDigit,
            'p' => Property(),
            _ => null,
        };
        if (kind is null)
        {
            return false;
        }

        _at++;
        bool negated = char.IsAsciiLetterUpper(letter);
        set.AddKind(negated ? codePoint => !kind(codePoint) : kind);
        return true;
    }

    // The ranges of \d, \w and \s; none for other letters.
    private static (int First, int Last)[] EcmaKind(char letter) => char.ToLowerInvariant(letter) switch
    {
        'd' => s_ecmaDigits,
        'w' => s_ecmaWord,
        's' => s_ecmaWhite,
        _ => [],
    };

    private static void AddRanges(CodePointSet set, ReadOnlySpan<(int First, int Last)> ranges, bool complement)
    {
        int next = 0;
        foreach ((int first, int last) in ranges)
        {
            if (!complement)
            {
                set.AddRange(first, last);
            }
            else if (first > next)
            {
                set.AddRange(next, first - 1);
            }

            next = last + 1;
        }

        if (complement)
        {
            set.AddRange(next, 0x10FFFF);
        }
    }

    // The kind that \p names; leaves the place at its last character.
    private Func<int, bool> Property()
    {
        ReadOnlySpan<char> name;
        if (_at + 1 < _pattern.Length && _pattern[_at + 1] == '{')
        {
            int end = _pattern[_at..].IndexOf('}');
            if (end < 0)
            {
                throw Broken("a '\\p{' without a '}'");
            }

            name = _pattern.Slice(_at + 2, end - 2);
            _at += end;
        }
        else if (_at + 1 < _pattern.Length)
        {
            name = _pattern.Slice(++_at, 1);
        }
        else
        {
            throw Broken("a '\\p' without a name");
        }

        bool negated = name.StartsWith('^');
        Func<int, bool> kind = CodePointKinds.Find(negated ? name[1..] : name)
            ?? throw Unsupported($"the property '{name}'");
        return negated ? codePoint => !kind(codePoint) : kind;
    }
}
