namespace Percept.Media;

/// <summary>Letters of 5×7 dots, two rows below for tails and three above for accents: ASCII and Latin-1.</summary>
internal static class DrawingFont
{
    /// <summary>Dots from a letter to the next.</summary>
    internal const int Advance = 6;

    /// <summary>Dots from the top of accents to the bottom of tails.</summary>
    internal const int Height = 12;

    /// <summary>Rows above the tops of capitals.</summary>
    private const int Rise = 3;

    private const string Unknown = "VHHHHHV";

    /// <summary>A row is a digit of base 32; its highest bit is the dot on the left.</summary>
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    /// <summary>The letters from the space on, 7 rows each; with tails 9.</summary>
    private static readonly string[] s_ascii =
    [
        "0000000", "4444404", "AA00000", "AAVAVAA", "4FKE5U4", "OP248J3", "CIK8LID", "4400000", "2488842", "8422248",
        "04LEL40", "044V440", "00000CC48", "000V000", "00000CC", "01248G0", "EHJLPHE", "4C4444E", "EH1248V", "V2421HE",
        "26AIV22", "VGU11HE", "68GUHHE", "V124888", "EHHEHHE", "EHHF12C", "0CC0CC0", "0CC0CC480", "248G842", "00V0V00",
        "8421248", "EH12404", "EH1DLLE", "EHHVHHH", "UHHUHHU", "EHGGGHE", "SIHHHIS", "VGGUGGV", "VGGUGGG", "EHGNHHF",
        "HHHVHHH", "E44444E", "72222IC", "HIKOKIH", "GGGGGGV", "HRLLHHH", "HHPLJHH", "EHHHHHE", "UHHUGGG", "EHHHLID",
        "UHHUKIH", "FGGE11U", "V444444", "HHHHHHE", "HHHHHA4", "HHHLLLA", "HHA4AHH", "HHHA444", "V1248GV", "E88888E",
        "0G84210", "E22222E", "4AH0000", "0000000V0", "8420000", "00E1FHF", "GGMPHHU", "00EGGHE", "11DJHHF", "00EHVGE",
        "698S888", "00FHHHF1E", "GGMPHHH", "40C444E", "2062222IC", "GGIKOKI", "C44444E", "00QLLLL", "00MPHHH",
        "00EHHHE", "00UHHHUGG", "00FHHHF11", "00MPGGG", "00FGE1U", "88S8896", "00HHHJD", "00HHHA4", "00HHLLA",
        "00HA4AH", "00HHHHF1E", "00V248V", "2448442", "4444444", "8442448", "008L200",
    ];

    /// <summary>Signs and letters beyond ASCII that are no letter with an accent.</summary>
    private static readonly Dictionary<char, string> s_others = new()
    {
        ['\u00A0'] = "0000000", ['¡'] = "4044444", ['£'] = "698S88V", ['§'] = "EGEHE1E", ['©'] = "EHNLNHE", ['«'] = "005AKA5",
        ['°'] = "CIIC000", ['±'] = "044V40V", ['µ'] = "00HHHJTGG", ['·'] = "0004000", ['»'] = "00KA5AK", ['¿'] = "40448HE",
        ['Æ'] = "FKKUKKN", ['×'] = "00A4A00", ['Ø'] = "EJLLLPE", ['ß'] = "CIIKIHM", ['æ'] = "00Q5FKF", ['÷'] = "040V040",
        ['ø'] = "00EJLPE", ['€'] = "78U8U87", ['–'] = "000V000", ['—'] = "000V000", ['’'] = "4400000", ['…'] = "000000L",
    };

    /// <summary>Letters with an accent: what they are made of. Accents are two rows, that of ç stands below.</summary>
    private static readonly (string Letters, string Bases, string Accent)[] s_accents =
    [
        ("ÀÈÌÒÙàèìòù", "AEIOUaeiou", "84"),
        ("ÁÉÍÓÚÝáéíóúý", "AEIOUYaeiouy", "24"),
        ("ÂÊÎÔÛâêîôû", "AEIOUaeiou", "4A"),
        ("ÃÑÕãñõ", "ANOano", "DM"),
        ("ÄËÏÖÜäëïöüÿ", "AEIOUaeiouy", "A0"),
        ("Åå", "Aa", "EA"),
        ("Çç", "Cc", "48"),
    ];

    /// <summary>The rows of a letter, <see cref="Height"/> numbers whose fifth bit is the dot on the left.</summary>
    internal static void Rows(char letter, Span<byte> rows)
    {
        rows.Clear();
        if (letter is >= ' ' and <= '~')
        {
            Put(s_ascii[letter - ' '], Rise, rows);
            return;
        }

        if (s_others.TryGetValue(letter, out string? glyph))
        {
            Put(glyph, Rise, rows);
            return;
        }

        foreach ((string letters, string bases, string accent) in s_accents)
        {
            int at = letters.IndexOf(letter, StringComparison.Ordinal);
            if (at >= 0)
            {
                char known = bases[at];
                bool small = char.IsAsciiLetterLower(known);
                Put(known == 'i' ? "00C444E" : s_ascii[known - ' '], Rise, rows);
                Put(accent, known is 'C' or 'c' ? Rise + 7 : small ? Rise - 1 : 0, rows);
                return;
            }
        }

        Put(Unknown, Rise, rows);
    }

    private static void Put(string glyph, int at, Span<byte> rows)
    {
        for (int i = 0; i < glyph.Length; i++)
        {
            rows[at + i] |= (byte)Digits.IndexOf(glyph[i], StringComparison.Ordinal);
        }
    }
}
