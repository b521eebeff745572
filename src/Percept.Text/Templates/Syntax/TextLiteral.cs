using System.Globalization;
using System.Text;

namespace Percept.Text.Templates;

/// <summary>The content of quoted texts: Python's escapes.</summary>
internal static class TextLiteral
{
    /// <summary>Characters that templates name; the full list of Unicode names is not carried along.</summary>
    private static readonly Dictionary<string, string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["BULLET"] = "\u2022", ["EN DASH"] = "\u2013", ["EM DASH"] = "\u2014", ["HORIZONTAL ELLIPSIS"] = "\u2026",
        ["LEFT SINGLE QUOTATION MARK"] = "\u2018", ["RIGHT SINGLE QUOTATION MARK"] = "\u2019",
        ["LEFT DOUBLE QUOTATION MARK"] = "\u201C", ["RIGHT DOUBLE QUOTATION MARK"] = "\u201D", ["NO-BREAK SPACE"] = "\u00A0",
        ["ZERO WIDTH SPACE"] = "\u200B", ["ZERO WIDTH JOINER"] = "\u200D", ["ZERO WIDTH NON-JOINER"] = "\u200C",
        ["WORD JOINER"] = "\u2060", ["ZERO WIDTH NO-BREAK SPACE"] = "\uFEFF", ["LINE SEPARATOR"] = "\u2028",
        ["PARAGRAPH SEPARATOR"] = "\u2029", ["DEGREE SIGN"] = "\u00B0", ["MULTIPLICATION SIGN"] = "\u00D7",
        ["MIDDLE DOT"] = "\u00B7", ["SECTION SIGN"] = "\u00A7", ["COPYRIGHT SIGN"] = "\u00A9", ["REGISTERED SIGN"] = "\u00AE",
        ["TRADE MARK SIGN"] = "\u2122", ["EURO SIGN"] = "\u20AC", ["POUND SIGN"] = "\u00A3", ["YEN SIGN"] = "\u00A5",
        ["RIGHTWARDS ARROW"] = "\u2192", ["LEFTWARDS ARROW"] = "\u2190", ["UPWARDS ARROW"] = "\u2191",
        ["DOWNWARDS ARROW"] = "\u2193", ["RIGHTWARDS DOUBLE ARROW"] = "\u21D2", ["CHECK MARK"] = "\u2713",
        ["HEAVY CHECK MARK"] = "\u2714", ["BALLOT X"] = "\u2717", ["WHITE HEAVY CHECK MARK"] = "\u2705", ["CROSS MARK"] = "\u274C",
        ["BLACK SQUARE"] = "\u25A0", ["WHITE BULLET"] = "\u25E6", ["SNOWMAN"] = "\u2603", ["REPLACEMENT CHARACTER"] = "\uFFFD",
        ["SPACE"] = " ", ["QUOTATION MARK"] = "\"", ["APOSTROPHE"] = "'", ["REVERSE SOLIDUS"] = "\\", ["LINE FEED"] = "\n",
        ["CARRIAGE RETURN"] = "\r", ["CHARACTER TABULATION"] = "\t", ["DELETE"] = "\u007F",
        ["GREEK SMALL LETTER ALPHA"] = "\u03B1", ["GREEK SMALL LETTER BETA"] = "\u03B2", ["GREEK SMALL LETTER PI"] = "\u03C0",
        ["FULLWIDTH VERTICAL LINE"] = "\uFF5C", ["LOWER ONE EIGHTH BLOCK"] = "\u2581", ["GRINNING FACE"] = "\U0001F600",
    };

    /// <summary>
    /// The program's own instance of a text where it has one, so that common keys are found by reference.
    /// </summary>
    internal static string Shared(string text) => string.IsInterned(text) ?? text;

    internal static string Decode(SourceText source, string text, int at)
    {
        int first = text.IndexOf('\\');
        if (first < 0)
        {
            return Shared(text);
        }

        var decoded = new StringBuilder(text.Length);
        decoded.Append(text, 0, first);
        for (int i = first; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                decoded.Append(text[i]);
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'x':
                    i = Hex(source, decoded, text, i, 2, at);
                    break;
                case 'u':
                    i = Hex(source, decoded, text, i, 4, at);
                    break;
                case 'U':
                    i = Hex(source, decoded, text, i, 8, at);
                    break;
                case 'N':
                    i = Named(source, decoded, text, i, at);
                    break;
                case >= '0' and <= '7':
                    i = Octal(decoded, text, i);
                    break;
                default:
                    Simple(decoded, text[i]);
                    break;
            }
        }

        return decoded.ToString();
    }

    private static void Simple(StringBuilder decoded, char unit)
    {
        int at = "abfnrtv\\'\"".IndexOf(unit, StringComparison.Ordinal);
        if (at >= 0)
        {
            decoded.Append("\a\b\f\n\r\t\v\\'\""[at]);
        }
        else if (unit != '\n')
        {
            decoded.Append('\\').Append(unit);
        }
    }

    private static int Hex(SourceText source, StringBuilder decoded, string text, int i, int digits, int at)
    {
        if (i + digits >= text.Length
            || !uint.TryParse(text.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
            || code > 0x10FFFF)
        {
            throw source.Fail(TemplateErrorKind.Syntax, $"The escape '\\{text[i]}' needs {digits} hexadecimal digits of a character.", at);
        }

        TextUnits.Append(decoded, (int)code);
        return i + digits;
    }

    private static int Octal(StringBuilder decoded, string text, int i)
    {
        int code = 0;
        int end = Math.Min(text.Length, i + 3);
        while (i < end && text[i] is >= '0' and <= '7')
        {
            code = (code * 8) + text[i++] - '0';
        }

        decoded.Append((char)code);
        return i - 1;
    }

    private static int Named(SourceText source, StringBuilder decoded, string text, int i, int at)
    {
        int end = text.IndexOf('}', i);
        if (i + 1 >= text.Length || text[i + 1] != '{' || end < 0)
        {
            throw source.Fail(TemplateErrorKind.Syntax, "The escape '\\N' needs a name in braces.", at);
        }

        string name = text[(i + 2)..end];
        decoded.Append(s_names.TryGetValue(name, out string? character)
            ? character
            : throw source.Fail(
                TemplateErrorKind.Unsupported, $"The character name '{name}' is not known; write it as \\uXXXX.", at));
        return end;
    }
}
