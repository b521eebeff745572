using System.Globalization;
using System.Runtime.CompilerServices;

namespace Percept.Text;

/// <summary>What kind of character a code point is, as patterns of tokenizers ask; one byte of flags for each.</summary>
internal static class CharClasses
{
    /// <summary>Letters: <c>\p{L}</c>.</summary>
    internal const byte Letter = 1;

    /// <summary>Numbers of all kinds: <c>\p{N}</c>.</summary>
    internal const byte Number = 2;

    /// <summary>White space: <c>\s</c>.</summary>
    internal const byte White = 4;

    /// <summary>Carriage return and line feed.</summary>
    internal const byte Line = 8;

    /// <summary><c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    internal const byte NotLower = 16;

    /// <summary><c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    internal const byte NotUpper = 32;

    /// <summary>Punctuation: <c>\p{P}</c>.</summary>
    internal const byte Punctuation = 64;

    /// <summary>Marks: <c>\p{M}</c>.</summary>
    internal const byte Mark = 128;

    private static readonly byte[] s_flags = MakeTable();

    /// <summary>The flags of a UTF-16 unit; 0 for surrogates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte Of(char unit) => s_flags[unit];

    /// <summary>The flags of the code point at an index and how many units it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte At(ReadOnlySpan<char> text, int index, out int units)
    {
        char unit = text[index];
        if (char.IsHighSurrogate(unit))
        {
            return Wide(text, index, out units);
        }

        units = 1;
        return s_flags[unit];
    }

    /// <summary>The flags of a code point.</summary>
    internal static byte Of(int codePoint) => codePoint <= char.MaxValue
        ? s_flags[codePoint]
        : Compute(CharUnicodeInfo.GetUnicodeCategory(codePoint));

    /// <summary>The end of the run of code points that have one of the flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Run(ReadOnlySpan<char> text, int index, byte flags)
    {
        while (index < text.Length && (At(text, index, out int units) & flags) != 0)
        {
            index += units;
        }

        return index;
    }

    /// <summary>The end of the run of code points that have none of the flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int RunWithout(ReadOnlySpan<char> text, int index, byte flags)
    {
        while (index < text.Length && (At(text, index, out int units) & flags) == 0)
        {
            index += units;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte Wide(ReadOnlySpan<char> text, int index, out int units)
    {
        if (index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            units = 2;
            return Of(char.ConvertToUtf32(text[index], text[index + 1]));
        }

        units = 1;
        return 0;
    }

    private static byte[] MakeTable()
    {
        var flags = new byte[char.MaxValue + 1];
        for (int i = 0; i < flags.Length; i++)
        {
            flags[i] = Compute(CharUnicodeInfo.GetUnicodeCategory(i));
            if (char.IsWhiteSpace((char)i))
            {
                flags[i] |= White;
            }
        }

        flags['\r'] |= Line;
        flags['\n'] |= Line;
        return flags;
    }

    private static byte Compute(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Letter | NotLower,
        UnicodeCategory.LowercaseLetter => Letter | NotUpper,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter | NotLower | NotUpper,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
            Mark | NotLower | NotUpper,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => Punctuation,
        _ => 0,
    };
}
