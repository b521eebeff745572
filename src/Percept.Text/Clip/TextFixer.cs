using System.Text;

namespace Percept.Text;

/// <summary>Repairs text that went through wrong hands, as <c>ftfy.fix_text</c> does with its default
/// settings.</summary>
/// <remarks>
/// Line by line, until nothing changes any more: character references, wrong encodings, ligatures, widths, quotation
/// marks, line breaks, terminal codes and control characters, then composition (NFC). Source: rspeer/python-ftfy 6.3.
/// </remarks>
internal static class TextFixer
{
    // No text needs more rounds; each one only ever takes something away.
    private const int MaxRounds = 64;

    private const int LongestSegment = 1_000_000;

    private const char FirstWide = '\uFF01';

    // Characters of half or full width and what they are otherwise.
    private static readonly string[] s_widths =
    [
        .. Enumerable.Range(FirstWide, 0xFFF0 - FirstWide)
            .Select(static code => UnicodeNormalizer.Nfkc.Normalize(((char)code).ToString())),
    ];

    /// <summary>Repairs a text.</summary>
    internal static string Fix(string text)
    {
        var output = new StringBuilder(text.Length);
        bool references = true;
        for (int at = 0; at < text.Length;)
        {
            int line = text.IndexOf('\n', at) + 1;
            int end = Math.Min(line == 0 ? text.Length : line, at + LongestSegment);
            if (end < text.Length && char.IsLowSurrogate(text[end]))
            {
                end++;
            }

            string segment = text[at..end];
            // A mark of HTML says that references are meant; so they stay, from there on.
            references &= !segment.Contains('<', StringComparison.Ordinal);
            output.Append(FixSegment(segment, references));
            at = end;
        }

        return output.ToString();
    }

    private static string FixSegment(string text, bool references)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.Contains('&', StringComparison.Ordinal)
            && !text.Contains('\x7F', StringComparison.Ordinal))
        {
            return text;
        }

        for (int round = 0; round < MaxRounds; round++)
        {
            string before = text;
            text = references ? FixedReferences(text) : text;
            text = EncodingFixer.Fix(text);
            text = FixedCharacters(text);
            text = WithoutTerminalCodes(text);
            text = WithoutControls(text);
            text = UnicodeNormalizer.Nfc.Normalize(text);
            if (text == before)
            {
                break;
            }
        }

        return text;
    }

    // Only references that end in a semicolon; also those written in capitals where that means nothing else.
    private static string FixedReferences(string text) => HtmlText.Replace(text, static (whole, at) =>
        ReferenceEnd(whole, at) is > 0 and var end ? (end, Replaced(whole[at..end])) : (0, ""));

    // Behind an ampersand a number sign or not, one to 24 letters and digits, and a semicolon; 0 for anything else.
    private static int ReferenceEnd(string text, int at)
    {
        const int Longest = 24;
        int start = at + 1 < text.Length && text[at + 1] == '#' ? at + 2 : at + 1;
        int end = start;
        while (end < text.Length && end - start < Longest && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        return end > start && end < text.Length && text[end] == ';' ? end + 1 : 0;
    }

    private static string Replaced(string reference)
    {
        if (reference[1] == '#')
        {
            string plain = HtmlText.Unescape(reference);
            return plain.Contains(';', StringComparison.Ordinal) ? reference : plain;
        }

        string name = reference[1..];
        if (HtmlEntities.TryGet(name, out string? text))
        {
            return text!;
        }

        string lower = name.ToLowerInvariant();
        return name == name.ToUpperInvariant() && HtmlEntities.TryGet(lower, out string? small)
            && HtmlText.Unescape(reference) == reference
                ? Upper(small!)
                : reference;
    }

    private static string Upper(string text) =>
        text.Replace("ß", "SS", StringComparison.Ordinal).ToUpperInvariant();

    private static string FixedCharacters(string text)
    {
        var output = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i] is >= '\u0080' and <= '\u009F' ? HtmlText.FromWindows1252(text[i]) : text[i];
            switch (unit)
            {
                case '\r':
                    i += i + 1 < text.Length && text[i + 1] == '\n' ? 1 : 0;
                    output.Append('\n');
                    break;
                case '\u2028' or '\u2029':
                    output.Append('\n');
                    break;
                case '\u02BC' or (>= '\u2018' and <= '\u201B'):
                    output.Append('\'');
                    break;
                case >= '\u201C' and <= '\u201F':
                    output.Append('"');
                    break;
                default:
                    AppendPlain(output, unit);
                    break;
            }
        }

        return output.ToString();
    }

    private static void AppendPlain(StringBuilder output, char unit)
    {
        if (unit < '\u0132')
        {
            output.Append(unit);
        }
        else if (Ligature(unit) is { } letters)
        {
            output.Append(letters);
        }
        else if (unit == '\u3000')
        {
            output.Append(' ');
        }
        else if (unit is >= FirstWide and < '\uFFF0')
        {
            output.Append(s_widths[unit - FirstWide]);
        }
        else
        {
            output.Append(unit);
        }
    }

    private static string? Ligature(char unit) => unit switch
    {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        // Its first part is a quotation mark in the end.
        'ŉ' => "'n",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        _ => null,
    };

    // Escape, bracket, digits and semicolons, a letter.
    private static string WithoutTerminalCodes(string text)
    {
        int at = text.IndexOf("\u001B[", StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        int from = 0;
        while (at >= 0)
        {
            int end = at + 2;
            while (end < text.Length && (char.IsDigit(text[end]) || text[end] == ';'))
            {
                end++;
            }

            if (end < text.Length && char.IsAsciiLetter(text[end]))
            {
                output.Append(text, from, at - from);
                from = end + 1;
            }

            at = text.IndexOf("\u001B[", at + 2, StringComparison.Ordinal);
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    private static string WithoutControls(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (char unit in text)
        {
            bool control = unit is <= '\b' or '\v' or (>= '\u000E' and <= '\u001F') or '\u007F'
                or (>= '\u206A' and <= '\u206F') or '\uFEFF' or (>= '\uFFF9' and <= '\uFFFC');
            if (!control)
            {
                output.Append(unit);
            }
        }

        return output.ToString();
    }
}
