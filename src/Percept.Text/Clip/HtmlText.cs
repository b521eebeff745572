using System.Text;

namespace Percept.Text;

/// <summary>Replaces character references of HTML in a text, as Python's <c>html.unescape</c> does.</summary>
internal static class HtmlText
{
    private const int LongestName = 32;

    // What the numbers 0x80 to 0x9F stand for: Windows-1252, where it has a character.
    private const string Windows1252 =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F" +
        "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    /// <summary>Replaces all references, also those without a semicolon where the standard has them.</summary>
    internal static string Unescape(string text) => Replace(text, static (whole, at) =>
        Reference(whole.AsSpan(at + 1), out int length) is { } replacement ? (at + 1 + length, replacement) : (0, ""));

    /// <summary>Replaces what begins with an ampersand.</summary>
    /// <param name="text">The text.</param>
    /// <param name="read">
    /// Gets the text and the place of an ampersand. Gives the place behind the reference and what it stands for; 0 where there is none.
    /// </param>
    internal static string Replace(string text, Func<string, int, (int End, string Replacement)> read)
    {
        int at = text.IndexOf('&', StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        int from = 0;
        while (at >= 0)
        {
            (int end, string replacement) = read(text, at);
            if (end > 0)
            {
                output.Append(text, from, at - from).Append(replacement);
                from = end;
                at = end - 1;
            }

            at = text.IndexOf('&', at + 1);
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The character of Windows-1252 at a byte from 0x80 to 0x9F.</summary>
    internal static char FromWindows1252(char value) => Windows1252[value - 0x80];

    // What stands behind an ampersand; null when it is no reference.
    private static string? Reference(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        if (text.StartsWith('#'))
        {
            return Number(text, out length);
        }

        int end = text[..Math.Min(text.Length, LongestName)].IndexOfAny("\t\n\f <&#;");
        end = end < 0 ? Math.Min(text.Length, LongestName) : end;
        if (end == 0)
        {
            return null;
        }

        if (end < text.Length && text[end] == ';' && HtmlEntities.TryGet(text[..(end + 1)], out string? whole))
        {
            length = end + 1;
            return whole;
        }

        for (length = end; length > 1; length--)
        {
            if (HtmlEntities.TryGet(text[..length], out string? found))
            {
                return found;
            }
        }

        return null;
    }

    private static string? Number(ReadOnlySpan<char> text, out int length)
    {
        bool hex = text.Length > 1 && text[1] is 'x' or 'X';
        int start = hex ? 2 : 1;
        int end = start;
        long number = 0;
        while (end < text.Length && (hex ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            // Any number beyond Unicode means the same.
            number = Math.Min((number * (hex ? 16 : 10)) + HexValue(text[end]), 0x110000);
            end++;
        }

        length = end < text.Length && text[end] == ';' ? end + 1 : end;
        return end == start ? null : Character((int)number);
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static string Character(int number) => number switch
    {
        0 or (>= 0xD800 and <= 0xDFFF) or > 0x10FFFF => "\uFFFD",
        0x0D => "\r",
        >= 0x80 and <= 0x9F => Windows1252[number - 0x80].ToString(),
        (>= 1 and <= 8) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ => (number & 0xFFFE) == 0xFFFE ? "" : char.ConvertFromUtf32(number),
    };
}
