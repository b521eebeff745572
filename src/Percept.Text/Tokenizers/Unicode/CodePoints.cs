using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Facts about single code points, as the reference's libraries define them.</summary>
internal static class CodePoints
{
    /// <summary>The code point at an index and its units; a lone surrogate counts as itself.</summary>
    internal static int At(ReadOnlySpan<char> text, int index, out int units)
    {
        char unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            units = 2;
            return char.ConvertToUtf32(unit, text[index + 1]);
        }

        units = 1;
        return unit;
    }

    /// <summary>The units of a code point.</summary>
    internal static int Units(int codePoint) => codePoint > char.MaxValue ? 2 : 1;

    /// <summary>The bytes of a code point in UTF-8.</summary>
    internal static int Bytes(int codePoint) =>
        codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint <= char.MaxValue ? 3 : 4;

    internal static bool IsWhite(int codePoint) =>
        codePoint <= char.MaxValue && (CharClasses.Of((char)codePoint) & CharClasses.White) != 0;

    /// <summary>Numbers of all kinds.</summary>
    internal static bool IsNumeric(int codePoint) => (CharClasses.Of(codePoint) & CharClasses.Number) != 0;

    /// <summary>Punctuation, and all ASCII characters that are neither letters, digits, white space nor control.</summary>
    internal static bool IsPunctuation(int codePoint) =>
        codePoint is (>= 0x21 and <= 0x2F) or (>= 0x3A and <= 0x40) or (>= 0x5B and <= 0x60) or (>= 0x7B and <= 0x7E)
        || (CharClasses.Of(codePoint) & CharClasses.Punctuation) != 0;

    internal static bool IsMark(int codePoint) => (CharClasses.Of(codePoint) & CharClasses.Mark) != 0;

    internal static UnicodeCategory Category(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);

    /// <summary>Word characters: <c>\w</c>.</summary>
    internal static bool IsWord(int codePoint)
    {
        if ((CharClasses.Of(codePoint) & (CharClasses.Letter | CharClasses.Mark)) != 0)
        {
            return true;
        }

        return Category(codePoint) switch
        {
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
                or UnicodeCategory.ConnectorPunctuation => true,
            // Circled and squared letters are alphabetic without being letters.
            UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
                or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
            _ => false,
        };
    }

    /// <summary>The lower case of one code point, without regard to language or place in the word.</summary>
    internal static int ToLower(int codePoint) =>
        codePoint <= char.MaxValue
            ? char.ToLowerInvariant((char)codePoint)
            : Rune.ToLowerInvariant(new Rune(codePoint)).Value;

    /// <summary>The upper case of one code point, without regard to language.</summary>
    internal static int ToUpper(int codePoint) =>
        codePoint <= char.MaxValue
            ? char.ToUpperInvariant((char)codePoint)
            : Rune.ToUpperInvariant(new Rune(codePoint)).Value;
}
