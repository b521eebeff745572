using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>
/// Makes transcripts of any language comparable, as Whisper's evaluation does: lower case, no words in brackets, no
/// symbols.
/// </summary>
/// <remarks>Source: <c>BasicTextNormalizer</c> of openai/whisper. Safe for several threads.</remarks>
/// <param name="removeDiacritics">Whether accents and the like go; else they stay on their letters where Unicode has
/// them as one character.</param>
public sealed class WhisperTextNormalizer(bool removeDiacritics = false)
{
    /// <summary>Normalizes a text.</summary>
    /// <param name="text">The text.</param>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string lower = RemoveBracketed(PythonText.Lower(text));
        string clean = removeDiacritics ? RemoveSymbolsAndDiacritics(lower, "") : RemoveSymbols(lower);
        return PythonText.CollapseSpaces(PythonText.Lower(clean));
    }

    /// <summary>Removes what stands in angle and square brackets, then what stands in parentheses.</summary>
    internal static string RemoveBracketed(string text)
    {
        var output = new StringBuilder(text.Length);
        int from = 0;
        for (int open = text.AsSpan().IndexOfAny('<', '['); open >= 0;)
        {
            int close = text.AsSpan(open).IndexOfAny('>', ']');
            if (close < 0)
            {
                break;
            }

            output.Append(text, from, open - from);
            from = open + close + 1;
            int next = text.AsSpan(from).IndexOfAny('<', '[');
            open = next < 0 ? -1 : from + next;
        }

        return RemoveParenthesized(output.Append(text, from, text.Length - from).ToString());
    }

    /// <summary>
    /// Replaces marks, symbols and punctuation by spaces, but drops non-spacing marks, after compatibility
    /// decomposition.
    /// </summary>
    internal static string RemoveSymbolsAndDiacritics(string text, string keep)
    {
        string source = UnicodeNormalizer.Nfkd.Normalize(text);
        var output = new StringBuilder(source.Length);
        foreach (Rune rune in source.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (rune.IsBmp && keep.Contains((char)rune.Value, StringComparison.Ordinal))
            {
                output.Append((char)rune.Value);
            }
            else if (Plain(rune) is { } plain)
            {
                output.Append(plain);
            }
            else if (category != UnicodeCategory.NonSpacingMark)
            {
                Append(output, rune, category);
            }
        }

        return output.ToString();
    }

    private static string RemoveSymbols(string text)
    {
        string source = UnicodeNormalizer.Nfkc.Normalize(text);
        var output = new StringBuilder(source.Length);
        foreach (Rune rune in source.EnumerateRunes())
        {
            Append(output, rune, Rune.GetUnicodeCategory(rune));
        }

        return output.ToString();
    }

    private static string RemoveParenthesized(string text)
    {
        var output = new StringBuilder(text.Length);
        int from = 0;
        for (int open = text.IndexOf('('); open >= 0; open = text.IndexOf('(', Math.Max(open + 1, from)))
        {
            int close = text.IndexOf(')', open);
            if (close < 0)
            {
                break;
            }

            // An empty pair stays.
            if (close > open + 1)
            {
                output.Append(text, from, open - from);
                from = close + 1;
            }
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    private static void Append(StringBuilder output, Rune rune, UnicodeCategory category)
    {
        if (IsSymbol(category))
        {
            output.Append(' ');
            return;
        }

        Span<char> units = stackalloc char[2];
        output.Append(units[..rune.EncodeToUtf16(units)]);
    }

    private static bool IsSymbol(UnicodeCategory category) => category
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol
        or UnicodeCategory.OtherSymbol
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
        or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
        or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    // Letters that decomposition leaves whole.
    private static string? Plain(Rune rune) => rune.Value switch
    {
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'æ' => "ae",
        'Æ' => "AE",
        'ß' => "ss",
        'ẞ' => "SS",
        'đ' or 'ð' => "d",
        'Đ' or 'Ð' => "D",
        'þ' or 'Þ' => "th",
        'ł' => "l",
        'Ł' => "L",
        _ => null,
    };
}
