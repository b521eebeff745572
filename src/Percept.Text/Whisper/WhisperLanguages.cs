using System.Collections.Frozen;

namespace Percept.Text;

/// <summary>The languages of Whisper models: their codes, as in the tokens <c>&lt;|en|&gt;</c>, and English
/// names.</summary>
public static class WhisperLanguages
{
    // Code and name in the order of the tokens' ids, then further names.
    private const string Table =
        "en english zh chinese de german es spanish ru russian ko korean fr french ja japanese pt portuguese tr turkish "
        + "pl polish ca catalan nl dutch ar arabic sv swedish it italian id indonesian hi hindi fi finnish vi vietnamese "
        + "he hebrew uk ukrainian el greek ms malay cs czech ro romanian da danish hu hungarian ta tamil no norwegian "
        + "th thai ur urdu hr croatian bg bulgarian lt lithuanian la latin mi maori ml malayalam cy welsh sk slovak "
        + "te telugu fa persian lv latvian bn bengali sr serbian az azerbaijani sl slovenian kn kannada et estonian "
        + "mk macedonian br breton eu basque is icelandic hy armenian ne nepali mn mongolian bs bosnian kk kazakh "
        + "sq albanian sw swahili gl galician mr marathi pa punjabi si sinhala km khmer sn shona yo yoruba so somali "
        + "af afrikaans oc occitan ka georgian be belarusian tg tajik sd sindhi gu gujarati am amharic yi yiddish lo lao "
        + "uz uzbek fo faroese ht haitian_creole ps pashto tk turkmen nn nynorsk mt maltese sa sanskrit lb luxembourgish "
        + "my myanmar bo tibetan tl tagalog mg malagasy as assamese tt tatar haw hawaiian ln lingala ha hausa ba bashkir "
        + "jw javanese su sundanese yue cantonese";

    private const string Aliases =
        "my burmese ca valencian nl flemish ht haitian lb letzeburgesch ps pushto pa panjabi ro moldavian ro moldovan "
        + "si sinhalese es castilian zh mandarin";

    private static readonly (string Code, string Name)[] s_languages = Pairs(Table);

    private static readonly FrozenDictionary<string, string> s_codes = s_languages
        .Concat(Pairs(Aliases))
        .ToFrozenDictionary(pair => pair.Name, pair => pair.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>The codes in the order of their tokens' ids.</summary>
    public static IReadOnlyList<string> Codes { get; } = [.. s_languages.Select(pair => pair.Code)];

    /// <summary>The code of a language.</summary>
    /// <param name="language">Its code or its English name, in any case.</param>
    /// <exception cref="NotSupportedException">Whisper has no such language; the message lists those it
    /// has.</exception>
    public static string CodeOf(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        if (s_codes.TryGetValue(language, out string? code))
        {
            return code;
        }

        code = Codes.FirstOrDefault(known => known.Equals(language, StringComparison.OrdinalIgnoreCase));
        return code ?? throw new NotSupportedException(
            $"Whisper has no language '{language}'. It has {string.Join(", ", s_languages.Select(pair => pair.Name))}.");
    }

    private static (string Code, string Name)[] Pairs(string table)
    {
        string[] words = table.Split(' ');
        return
        [
            .. Enumerable.Range(0, words.Length / 2)
                .Select(i => (words[2 * i], words[(2 * i) + 1].Replace('_', ' '))),
        ];
    }
}
