namespace Percept.Inference;

/// <summary>
/// Adds the bytes of characters to a grammar: UTF-8, or everything that JSON allows for a character of a text.
/// </summary>
/// <remarks>
/// Within JSON a character may stand for itself (but for quotes, backslashes and control characters), as a short
/// escape, or as one or two <c>\uXXXX</c>. Characters of one byte become edges; all others a rule that is shared.
/// </remarks>
/// <param name="grammar">The grammar.</param>
/// <param name="json">Whether the characters stand in a JSON text.</param>
internal sealed class CharacterEncoder(Grammar grammar, bool json)
{
    private static readonly CodePointRanges s_plain = CodePointRanges.Of([(0x20, '!'), ('#', '['), (']', CodePointRanges.Greatest)]);
    private static readonly CodePointRanges s_ascii = CodePointRanges.Of([(0, 0x7F)]);
    private static readonly CodePointRanges s_wide = s_ascii.Complement();

    private static readonly (int CodePoint, char Letter)[] s_short =
    [
        ('"', '"'), ('\\', '\\'), ('/', '/'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't'),
    ];

    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);

    /// <summary>Adds a step that takes one character of a set.</summary>
    /// <param name="from">The state before; it is being filled in.</param>
    /// <param name="characters">The characters.</param>
    /// <param name="to">The state behind.</param>
    internal void Add(GrammarState from, CodePointRanges characters, int to)
    {
        CodePointRanges plain = json ? characters.Intersect(s_plain) : characters;
        var single = default(ByteSet);
        bool any = false;
        foreach ((int first, int last) in plain.Intersect(s_ascii).Ranges)
        {
            any = true;
            for (int value = first; value <= last; value++)
            {
                single.Add((byte)value);
            }
        }

        if (any)
        {
            from.Edges.Add((single, to));
        }

        if (!characters.IsEmpty && (json || !plain.Intersect(s_wide).IsEmpty))
        {
            from.Calls.Add((Rule(characters), to));
        }
    }

    /// <summary>The rule for all spellings of characters that take more than one byte.</summary>
    private int Rule(CodePointRanges characters)
    {
        string key = characters.Key;
        if (!_rules.TryGetValue(key, out int rule))
        {
            rule = grammar.AddRule(() => Make(characters));
            _rules.Add(key, rule);
        }

        return rule;
    }

    private int Make(CodePointRanges characters)
    {
        int start = grammar.AddState();
        int end = grammar.EndState();
        foreach ((int first, int last) in characters.Intersect(s_wide).Ranges)
        {
            AddUtf8(start, first, last, end);
        }

        if (json)
        {
            AddEscapes(start, characters, end);
        }

        return start;
    }

    // Ranges of one encoded length each, then digit by digit.
    private void AddUtf8(int from, int first, int last, int to)
    {
        ReadOnlySpan<int> limits = [0x7F, 0x7FF, 0xFFFF, CodePointRanges.Greatest];
        for (int length = 1; length <= 4; length++)
        {
            int least = length == 1 ? 0 : limits[length - 2] + 1;
            int low = Math.Max(first, least);
            int high = Math.Min(last, limits[length - 1]);
            if (low <= high)
            {
                AddDigits(from, low, high, length - 1, new Utf8Digits(length), to);
            }
        }
    }

    private void AddEscapes(int from, CodePointRanges characters, int to)
    {
        int letter = grammar.AddState();
        grammar[from].Edges.Add((ByteSet.Of((byte)'\\'), letter));
        foreach ((int codePoint, char escape) in s_short)
        {
            if (characters.Contains(codePoint))
            {
                grammar[letter].Edges.Add((ByteSet.Of((byte)escape), to));
            }
        }

        int hex = grammar.AddState();
        grammar[letter].Edges.Add((ByteSet.Of((byte)'u'), hex));
        foreach ((int first, int last) in characters.Ranges)
        {
            if (first <= 0xFFFF)
            {
                AddDigits(hex, first, Math.Min(last, 0xFFFF), 3, HexDigits.s_instance, to);
            }

            if (last > 0xFFFF)
            {
                AddPairs(hex, Math.Max(first, 0x10000), last, to);
            }
        }
    }

    // Two escapes: ranges with one first unit each, and those with all second units.
    private void AddPairs(int from, int first, int last, int to)
    {
        const int Units = 0x400;
        int low = (first - 0x10000) / Units;
        int high = (last - 0x10000) / Units;
        int lowRest = (first - 0x10000) % Units;
        int highRest = (last - 0x10000) % Units;
        if (low == high)
        {
            AddPair(from, low, low, lowRest, highRest, to);
            return;
        }

        if (lowRest > 0)
        {
            AddPair(from, low, low, lowRest, Units - 1, to);
            low++;
        }

        if (highRest < Units - 1)
        {
            AddPair(from, high, high, 0, highRest, to);
            high--;
        }

        if (low <= high)
        {
            AddPair(from, low, high, 0, Units - 1, to);
        }
    }

    private void AddPair(int from, int firstHigh, int lastHigh, int firstLow, int lastLow, int to)
    {
        int second = grammar.AddState();
        AddDigits(second, 0xDC00 + firstLow, 0xDC00 + lastLow, 3, HexDigits.s_instance, to);
        int between = grammar.Before("\\u"u8, second);
        AddDigits(from, 0xD800 + firstHigh, 0xD800 + lastHigh, 3, HexDigits.s_instance, between);
    }

    /// <summary>Adds all numbers of a range, written with digits of one base.</summary>
    /// <param name="from">The state before.</param>
    /// <param name="first">The first number.</param>
    /// <param name="last">The last number.</param>
    /// <param name="place">The place of the leading digit; 0 for the last.</param>
    /// <param name="digits">How digits are written.</param>
    /// <param name="to">The state behind.</param>
    private void AddDigits(int from, int first, int last, int place, Digits digits, int to)
    {
        int unit = 1 << (digits.Bits * place);
        int low = first / unit;
        int high = last / unit;
        if (place == 0)
        {
            grammar[from].Edges.Add((digits.Bytes(place, low, high), to));
            return;
        }

        if (low == high)
        {
            AddRest(from, low, low, first % unit, last % unit, place, digits, to);
            return;
        }

        if (first % unit != 0)
        {
            AddRest(from, low, low, first % unit, unit - 1, place, digits, to);
            low++;
        }

        if (last % unit != unit - 1)
        {
            AddRest(from, high, high, 0, last % unit, place, digits, to);
            high--;
        }

        if (low <= high)
        {
            AddRest(from, low, high, 0, unit - 1, place, digits, to);
        }
    }

    private void AddRest(int from, int low, int high, int first, int last, int place, Digits digits, int to)
    {
        int rest = grammar.AddState();
        grammar[from].Edges.Add((digits.Bytes(place, low, high), rest));
        AddDigits(rest, first, last, place - 1, digits, to);
    }

    private abstract class Digits(int bits)
    {
        internal int Bits { get; } = bits;

        internal abstract ByteSet Bytes(int place, int low, int high);
    }

    private sealed class Utf8Digits(int length) : Digits(6)
    {
        internal override ByteSet Bytes(int place, int low, int high)
        {
            int mark = place < length - 1 ? 0x80 : length switch { 1 => 0, 2 => 0xC0, 3 => 0xE0, _ => 0xF0 };
            return ByteSet.Range(mark + low, mark + high);
        }
    }

    private sealed class HexDigits() : Digits(4)
    {
        internal static readonly HexDigits s_instance = new();

        internal override ByteSet Bytes(int place, int low, int high)
        {
            var set = default(ByteSet);
            for (int digit = low; digit <= high; digit++)
            {
                set.Add((byte)"0123456789abcdef"[digit]);
                set.Add((byte)"0123456789ABCDEF"[digit]);
            }

            return set;
        }
    }
}
