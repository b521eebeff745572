namespace Percept.Text;

/// <summary>The script of every code point.</summary>
internal static class Scripts
{
    private static readonly string[] s_names =
    [
        "Unknown", "Adlam", "Ahom", "Anatolian_Hieroglyphs", "Arabic", "Armenian", "Avestan", "Balinese", "Bamum",
        "Bassa_Vah", "Batak", "Bengali", "Bhaiksuki", "Bopomofo", "Brahmi", "Braille", "Buginese", "Buhid",
        "Canadian_Aboriginal", "Carian", "Caucasian_Albanian", "Chakma", "Cham", "Cherokee", "Common", "Coptic",
        "Cuneiform", "Cypriot", "Cyrillic", "Deseret", "Devanagari", "Duployan", "Egyptian_Hieroglyphs", "Elbasan",
        "Ethiopic", "Georgian", "Glagolitic", "Gothic", "Grantha", "Greek", "Gujarati", "Gurmukhi", "Han",
        "Hangul", "Hanunoo", "Hatran", "Hebrew", "Hiragana", "Imperial_Aramaic", "Inherited",
        "Inscriptional_Pahlavi", "Inscriptional_Parthian", "Javanese", "Kaithi", "Kannada", "Katakana", "Kayah_Li",
        "Kharoshthi", "Khmer", "Khojki", "Khudawadi", "Lao", "Latin", "Lepcha", "Limbu", "Linear_A", "Linear_B",
        "Lisu", "Lycian", "Lydian", "Mahajani", "Malayalam", "Mandaic", "Manichaean", "Marchen", "Meetei_Mayek",
        "Mende_Kikakui", "Meroitic_Cursive", "Meroitic_Hieroglyphs", "Miao", "Modi", "Mongolian", "Mro", "Multani",
        "Myanmar", "Nabataean", "New_Tai_Lue", "Newa", "Nko", "Ogham", "Ol_Chiki", "Old_Hungarian", "Old_Italic",
        "Old_North_Arabian", "Old_Permic", "Old_Persian", "Old_South_Arabian", "Old_Turkic", "Oriya", "Osage",
        "Osmanya", "Pahawh_Hmong", "Palmyrene", "Pau_Cin_Hau", "Phags_Pa", "Phoenician", "Psalter_Pahlavi",
        "Rejang", "Runic", "Samaritan", "Saurashtra", "Sharada", "Shavian", "Siddham", "SignWriting", "Sinhala",
        "Sora_Sompeng", "Sundanese", "Syloti_Nagri", "Syriac", "Tagalog", "Tagbanwa", "Tai_Le", "Tai_Tham",
        "Tai_Viet", "Takri", "Tamil", "Tangut", "Telugu", "Thaana", "Thai", "Tibetan", "Tifinagh", "Tirhuta",
        "Ugaritic", "Vai", "Warang_Citi", "Yi",
    ];

    private static readonly (int[] Firsts, byte[] Scripts) s_runs = Read();

    /// <summary>The number of "Unknown": code points without a script.</summary>
    internal const int Unknown = 0;

    /// <summary>The number of "Han".</summary>
    internal static int Han { get; } = Array.IndexOf(s_names, "Han");

    /// <summary>The number of "Hiragana".</summary>
    internal static int Hiragana { get; } = Array.IndexOf(s_names, "Hiragana");

    /// <summary>The number of "Katakana".</summary>
    internal static int Katakana { get; } = Array.IndexOf(s_names, "Katakana");

    /// <summary>The number of a script by its name without underscores and case; −1 when there is none.</summary>
    internal static int Find(string name) => Array.FindIndex(
        s_names,
        script => script.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The number of a code point's script.</summary>
    internal static int Of(int codePoint)
    {
        int at = Array.BinarySearch(s_runs.Firsts, codePoint);
        return s_runs.Scripts[at >= 0 ? at : ~at - 1];
    }

    // Layout: the number of runs; for each the distance from the run before and the script's number.
    private static (int[], byte[]) Read()
    {
        var reader = new BlobReader(UnicodeBlobs.Scripts);
        int count = reader.Next();
        var firsts = new int[count];
        var scripts = new byte[count];
        int codePoint = 0;
        for (int i = 0; i < count; i++)
        {
            codePoint += reader.Next();
            firsts[i] = codePoint;
            scripts[i] = (byte)reader.Next();
        }

        return (firsts, scripts);
    }
}
