using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Text functions as Python's <c>str</c> has them, where reference tokenizers rely on them.</summary>
internal static class PythonText
{
    /// <summary>White space as <c>str.isspace</c> and <c>\s</c> of <c>re</c> count it: .NET's and four
    /// separators.</summary>
    internal static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001C' and <= '\u001F';

    /// <summary>A word character of <c>\w</c> and <c>\b</c>: letters, numbers of all kinds, the underscore.</summary>
    internal static bool IsWord(char unit) => unit == '_' || char.IsLetter(unit) || char.IsNumber(unit);

    /// <summary>Whether a place in a text has a word character on exactly one side.</summary>
    internal static bool IsBoundary(ReadOnlySpan<char> text, int at) =>
        (at > 0 && IsWord(text[at - 1])) != (at < text.Length && IsWord(text[at]));

    /// <summary><c>str.lower</c>: with the two-character lower case of U+0130 and the sigma at a word's end.</summary>
    internal static string Lower(string text)
    {
        var output = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            {
                output.Append(text[i++]);
                continue;
            }

            if (rune.Value == 0x130)
            {
                output.Append("i\u0307");
            }
            else if (rune.Value == 'Σ')
            {
                output.Append(IsFinalSigma(text, i) ? 'ς' : 'σ');
            }
            else
            {
                output.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
            }

            i += used;
        }

        return output.ToString();
    }

    /// <summary>Every run of white space as one space.</summary>
    internal static string CollapseSpaces(string text)
    {
        var output = new StringBuilder(text.Length);
        bool inside = false;
        foreach (char unit in text)
        {
            bool space = IsSpace(unit);
            if (!space || !inside)
            {
                output.Append(space ? ' ' : unit);
            }

            inside = space;
        }

        return output.ToString();
    }

    /// <summary><c>str.split</c> without arguments: the words between white space.</summary>
    internal static List<string> Split(string text)
    {
        var words = new List<string>();
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            while (i < text.Length && !IsSpace(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(text[start..i]);
            }

            i++;
        }

        return words;
    }

    /// <summary><c>str.strip</c> without arguments.</summary>
    internal static string Strip(string text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    // A letter before it and none behind, marks and the like not counted.
    private static bool IsFinalSigma(string text, int at) =>
        NextCased(text, at, -1) && !NextCased(text, at, 1);

    private static bool NextCased(string text, int at, int step)
    {
        for (int i = at + step; i >= 0 && i < text.Length; i += step)
        {
            char unit = text[i];
            if (char.IsSurrogate(unit))
            {
                int start = char.IsLowSurrogate(unit) && i > 0 ? i - 1 : i;
                return Rune.TryGetRuneAt(text, start, out Rune rune) && (Rune.IsUpper(rune) || Rune.IsLower(rune));
            }

            bool ignorable = unit is '\'' or '.' or ':' or '^' or '`' or '·' or '’' or '\u00AD'
                || CharUnicodeInfo.GetUnicodeCategory(unit)
                    is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
                    or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
            if (!ignorable)
            {
                return CharUnicodeInfo.GetUnicodeCategory(unit) is UnicodeCategory.UppercaseLetter
                    or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;
            }
        }

        return false;
    }
}
