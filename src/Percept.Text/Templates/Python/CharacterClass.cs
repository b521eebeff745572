using System.Globalization;

namespace Percept.Text.Templates;

/// <summary>Python's classes of characters.</summary>
internal static class CharacterClass
{
    internal static bool IsAlpha(int point) => CharUnicodeInfo.GetUnicodeCategory(point)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    internal static bool IsDecimal(int point) => CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.DecimalDigitNumber;

    internal static bool IsDigit(int point) => CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(Scalar(point)), 0) >= 0;

    internal static bool IsNumeric(int point) => CharUnicodeInfo.GetUnicodeCategory(point)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || CharUnicodeInfo.GetNumericValue(char.ConvertFromUtf32(Scalar(point)), 0) >= 0;

    internal static bool IsAlphanumeric(int point) =>
        point < 128 ? char.IsAsciiLetterOrDigit((char)point) : IsAlpha(point) || IsNumeric(point);

    internal static bool IsUpper(int point) => point < 128
        ? char.IsAsciiLetterUpper((char)point)
        : CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.UppercaseLetter || point is >= 0x2160 and <= 0x216F
            or >= 0x24B6 and <= 0x24CF;

    internal static bool IsLower(int point) => point < 128
        ? char.IsAsciiLetterLower((char)point)
        : CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.LowercaseLetter || point is 0xAA or 0xBA
            or >= 0x2B0 and <= 0x2B8 or 0x2C0 or 0x2C1 or >= 0x2E0 and <= 0x2E4 or >= 0x2170 and <= 0x217F or >= 0x24D0 and <= 0x24E9;

    internal static bool IsTitle(int point) => CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.TitlecaseLetter;

    internal static bool IsCased(int point) => IsUpper(point) || IsLower(point) || IsTitle(point);

    /// <summary>Whether a character between letters does not end a word for the rule of the final sigma.</summary>
    internal static bool IsCaseIgnorable(int point) => point is '\'' or '.' or ':' or '^' or '`' or 0xA8 or 0xAD or 0xAF or 0xB4 or 0xB7
        or 0xB8 or 0x2018 or 0x2019 or 0x2024 or 0x2027
        || CharUnicodeInfo.GetUnicodeCategory(point) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static int Scalar(int point) => point is >= 0xD800 and <= 0xDFFF ? 0xFFFD : point;
}
