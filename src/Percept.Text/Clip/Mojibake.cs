using System.Text.RegularExpressions;
using static Percept.Text.MojibakeClasses;

namespace Percept.Text;

/// <summary>Tells text that was decoded wrongly by combinations of characters that no one writes on purpose.</summary>
/// <remarks>Semantics of <c>ftfy.badness</c> (rspeer/python-ftfy 6.3).</remarks>
internal static class Mojibake
{
    private const string Space = @"[\s\u001C-\u001F]";
    private const string Word = @"[\p{L}\p{N}_]";
    private const string Signs = StartPunctuation + EndPunctuation + Currency + Numeric + Law;
    private const string Accented = LowerAccented + UpperAccented;

    // Each is unlikely in text that is right.
    private static readonly string[] s_rules =
    [
        $"[{C1}]",
        $"[{Bad}{Accented}{Box}{Signs}][{Bad}]",
        $"[a-zA-Z][{LowerCommon}{UpperCommon}][{Bad}]",
        $"[{Bad}][{Accented}{Box}{Signs}]",
        $"[{LowerAccented}{LowerCommon}{Box}{EndPunctuation}{Currency}{Numeric}][{UpperAccented}]",
        $"[{Box}{EndPunctuation}{Currency}{Numeric}][{LowerAccented}]",
        $"[{LowerAccented}{Box}{EndPunctuation}][{Currency}]",
        $"{Space}[{UpperAccented}][{Currency}]",
        $"[{UpperAccented}{Box}][{Numeric}{Law}]",
        $"[{Accented}{Box}{Currency}{EndPunctuation}][{StartPunctuation}][{Numeric}]",
        $"[{Accented}{Currency}{Numeric}{Box}{Law}][{EndPunctuation}][{StartPunctuation}]",
        $"[{Currency}{Numeric}{Box}][{StartPunctuation}]",
        $"[a-z][{UpperAccented}][{StartPunctuation}{Currency}]",
        $"[{Box}][{Kaomoji}]",
        $"[{Accented}{Currency}{Numeric}{StartPunctuation}{EndPunctuation}{Law}][{Box}]",
        $"[{Box}][{EndPunctuation}]",
        $"[{Accented}][{StartPunctuation}{EndPunctuation}]{Word}",
        "[Œœ][^A-Za-z]",
        $"[{UpperAccented}]°",

        // Pairs from Windows-1252, and words of Arabic and of South Asian scripts.
        $"[ÂÃÎÐ][€œŠš¢£Ÿž\u00A0\u00AD®©°·»{StartPunctuation}{EndPunctuation}–—´]",
        "×[²³]",
        $"[ØÙ][{Common}{Currency}{Bad}{Numeric}{StartPunctuation}ŸŠ®°µ»][ØÙ][{Common}{Currency}{Bad}{Numeric}"
            + $"{StartPunctuation}ŸŠ®°µ»]",
        "à[²µ¹¼½¾]",

        // From Mac OS Roman.
        "√[±∂†≠®™´≤≥¥µø]",
        "≈[°¢]",
        "‚Ä[ìîïòôúùû†°¢π]",
        "‚[âó][àä°ê]",

        // From Windows-1251.
        "вЂ",
        $"[ВГРС][{C1}{Bad}{StartPunctuation}{EndPunctuation}{Currency}°µ][ВГРС]",
        "ГўВЂВ.[A-Za-z ]",

        // A hard space and what came of it.
        "Ã[\u00A0¡]",
        $"[a-z]{Space}?[ÃÂ][ ]",
        "^[ÃÂ][ ]",
        $"[a-z.,?!{EndPunctuation}]Â[ {StartPunctuation}{EndPunctuation}]",

        // From Windows-1253 and 1257.
        "β€[™\u00A0Ά\u00AD®°]",
        $"[ΒΓΞΟ][{C1}{Bad}{StartPunctuation}{EndPunctuation}{Currency}°][ΒΓΞΟ]",
        "ā€",
    ];

    private static readonly Regex s_bad = new(string.Join('|', s_rules), RegexOptions.CultureInvariant);

    /// <summary>Whether a text looks as if it was decoded wrongly.</summary>
    internal static bool IsLikely(string text) => s_bad.IsMatch(text);
}
