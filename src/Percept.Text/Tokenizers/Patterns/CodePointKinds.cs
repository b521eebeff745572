using System.Globalization;

namespace Percept.Text;

/// <summary>The kinds of code points that patterns name.</summary>
internal static class CodePointKinds
{
    private static readonly Dictionary<string, string> s_categories = new(StringComparer.Ordinal)
    {
        ["lu"] = "Lu", ["uppercaseletter"] = "Lu", ["ll"] = "Ll", ["lowercaseletter"] = "Ll", ["lt"] = "Lt",
        ["titlecaseletter"] = "Lt", ["lm"] = "Lm", ["modifierletter"] = "Lm", ["lo"] = "Lo", ["otherletter"] = "Lo",
        ["mn"] = "Mn", ["nonspacingmark"] = "Mn", ["mc"] = "Mc", ["spacingmark"] = "Mc", ["me"] = "Me",
        ["enclosingmark"] = "Me", ["nd"] = "Nd", ["decimalnumber"] = "Nd", ["nl"] = "Nl", ["letternumber"] = "Nl",
        ["no"] = "No", ["othernumber"] = "No", ["zs"] = "Zs", ["spaceseparator"] = "Zs", ["zl"] = "Zl",
        ["lineseparator"] = "Zl", ["zp"] = "Zp", ["paragraphseparator"] = "Zp", ["cc"] = "Cc", ["control"] = "Cc",
        ["cf"] = "Cf", ["format"] = "Cf", ["cs"] = "Cs", ["surrogate"] = "Cs", ["co"] = "Co", ["privateuse"] = "Co",
        ["cn"] = "Cn", ["unassigned"] = "Cn", ["pc"] = "Pc", ["connectorpunctuation"] = "Pc", ["pd"] = "Pd",
        ["dashpunctuation"] = "Pd", ["ps"] = "Ps", ["openpunctuation"] = "Ps", ["pe"] = "Pe",
        ["closepunctuation"] = "Pe", ["pi"] = "Pi", ["initialpunctuation"] = "Pi", ["pf"] = "Pf",
        ["finalpunctuation"] = "Pf", ["po"] = "Po", ["otherpunctuation"] = "Po", ["sm"] = "Sm", ["mathsymbol"] = "Sm",
        ["sc"] = "Sc", ["currencysymbol"] = "Sc", ["sk"] = "Sk", ["modifiersymbol"] = "Sk", ["so"] = "So",
        ["othersymbol"] = "So", ["l"] = "L", ["letter"] = "L", ["m"] = "M", ["mark"] = "M", ["combiningmark"] = "M",
        ["n"] = "N", ["number"] = "N", ["z"] = "Z", ["separator"] = "Z", ["c"] = "C", ["other"] = "C", ["p"] = "P",
        ["punctuation"] = "P", ["s"] = "S", ["symbol"] = "S",
    };

    // In the order of UnicodeCategory.
    private static readonly string[] s_names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc",
        "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    internal static bool IsDigit(int codePoint) => CodePoints.Category(codePoint) == UnicodeCategory.DecimalDigitNumber;

    internal static bool IsHexDigit(int codePoint) => codePoint < 0x80 && char.IsAsciiHexDigit((char)codePoint);

    /// <summary>The kind of a name: a category, a POSIX class or a script; null when it is not known.</summary>
    internal static Func<int, bool>? Find(ReadOnlySpan<char> name)
    {
        Span<char> plain = stackalloc char[64];
        int length = 0;
        foreach (char unit in name)
        {
            // Spaces, dashes, underscores and case do not count in names.
            if (unit is ' ' or '-' or '_')
            {
                continue;
            }

            if (length == plain.Length)
            {
                return null;
            }

            plain[length++] = char.ToLowerInvariant(unit);
        }

        string key = plain[..length].ToString();
        if (key is "any")
        {
            return static _ => true;
        }

        if (s_categories.TryGetValue(key, out string? category))
        {
            return OfCategories(category);
        }

        return Posix(key) ?? Script(key);
    }

    private static Func<int, bool> OfCategories(string name)
    {
        uint mask = 0;
        for (int i = 0; i < s_names.Length; i++)
        {
            if (s_names[i].StartsWith(name, StringComparison.Ordinal))
            {
                mask |= 1u << i;
            }
        }

        return codePoint => (mask >> (int)CodePoints.Category(codePoint) & 1) != 0;
    }

    private static Func<int, bool>? Posix(string key) => key switch
    {
        "alpha" or "alphabetic" => static c => CodePoints.IsWord(c)
            && CodePoints.Category(c) is not (UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation),
        "digit" => IsDigit,
        "alnum" => static c => CodePoints.IsWord(c) && CodePoints.Category(c) != UnicodeCategory.ConnectorPunctuation,
        "space" or "whitespace" => CodePoints.IsWhite,
        "word" => CodePoints.IsWord,
        "punct" => CodePoints.IsPunctuation,
        "upper" or "uppercase" => static c => CodePoints.Category(c) == UnicodeCategory.UppercaseLetter,
        "lower" or "lowercase" => static c => CodePoints.Category(c) == UnicodeCategory.LowercaseLetter,
        "xdigit" => IsHexDigit,
        "cntrl" => static c => CodePoints.Category(c) == UnicodeCategory.Control,
        "blank" => static c => c == '\t' || CodePoints.Category(c) == UnicodeCategory.SpaceSeparator,
        "ascii" => static c => c < 0x80,
        _ => null,
    };

    private static Func<int, bool>? Script(string key)
    {
        int script = Scripts.Find(key.StartsWith("script=", StringComparison.Ordinal) ? key[7..]
            : key.StartsWith("sc=", StringComparison.Ordinal) ? key[3..] : key);
        return script < 0 ? null : codePoint => Scripts.Of(codePoint) == script;
    }
}
