using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Percept.Text;

/// <summary>
/// Makes English transcripts comparable, as Whisper's evaluation does: contractions, titles, numbers, currencies and
/// British spellings all take one form.
/// </summary>
/// <remarks>Source: <c>EnglishTextNormalizer</c> of openai/whisper. Safe for several threads.</remarks>
public sealed class WhisperEnglishNormalizer
{
    // White space and what does not go on with a word, as the reference's language counts them.
    private const string S = @"[\s\x1C-\x1F]";
    private const string End = @"(?![\p{L}\p{N}_])";
    private const string Begin = @"(?<![\p{L}\p{N}_])";
    private static readonly Regex s_fillers = Make($"{Begin}(?:hmm|mm|mhm|mmm|uh|um){End}");
    private static readonly Regex s_spacedApostrophe = Make($"(?<!{S}){S}+'");
    private static readonly Regex s_commaInNumber = Make(@"(\d),(\d)");
    private static readonly Regex s_period = Make(@"\.([^0-9]|\z)");
    private static readonly Regex s_andAHalf = Make($"{Begin}and{S}+a{S}+half{End}");
    private static readonly Regex s_letterDigit = Make("([a-z])([0-9])");
    private static readonly Regex s_digitLetter = Make("([0-9])([a-z])");
    private static readonly Regex s_ending = Make($"([0-9]){S}+(st|nd|rd|th|s){End}");
    private static readonly Regex s_cents = Make($"([€£$])([0-9]+) (?:and )?¢([0-9]{{1,2}}){End}");
    private static readonly Regex s_onlyCents = Make($"[€£$]0.([0-9]{{1,2}}){End}");
    private static readonly Regex s_one = Make($"{Begin}1(s?){End}");
    private static readonly Regex s_currency = Make($"([$¢€£]){S}+([0-9])");
    private static readonly Regex s_percent = Make($"([0-9]){S}+%");
    private static readonly Regex s_strayPrefix = Make("[.$¢€£]([^0-9])");
    private static readonly Regex s_strayPercent = Make("([^0-9])%");

    // In this order; the first groups must begin where a word begins.
    private static readonly (string Text, string Replacement)[] s_words =
    [
        ("won't", "will not"), ("can't", "can not"), ("let's", "let us"), ("ain't", "aint"), ("y'all", "you all"),
        ("wanna", "want to"), ("gotta", "got to"), ("gonna", "going to"), ("i'ma", "i am going to"),
        ("imma", "i am going to"), ("woulda", "would have"), ("coulda", "could have"), ("shoulda", "should have"),
        ("ma'am", "madam"), ("mr", "mister "), ("mrs", "missus "), ("st", "saint "), ("dr", "doctor "),
        ("prof", "professor "), ("capt", "captain "), ("gov", "governor "), ("ald", "alderman "), ("gen", "general "),
        ("sen", "senator "), ("rep", "representative "), ("pres", "president "), ("rev", "reverend "), ("hon", "honorable "),
        ("asst", "assistant "), ("assoc", "associate "), ("lt", "lieutenant "), ("col", "colonel "), ("jr", "junior "),
        ("sr", "senior "), ("esq", "esquire "),
    ];

    private static readonly (string Text, string Replacement)[] s_endings =
    [
        ("'d been", " had been"), ("'s been", " has been"), ("'d gone", " had gone"), ("'s gone", " has gone"),
        ("'d done", " had done"), ("'s got", " has got"), ("n't", " not"), ("'re", " are"), ("'s", " is"), ("'d", " would"),
        ("'ll", " will"), ("'t", " not"), ("'ve", " have"), ("'m", " am"),
    ];

    private readonly IReadOnlyDictionary<string, string> _spelling;

    /// <summary>Prepares the normalizer.</summary>
    /// <param name="spelling">British words and their American spelling (<c>normalizer.json</c> of a model); empty for
    /// none.</param>
    public WhisperEnglishNormalizer(IReadOnlyDictionary<string, string> spelling)
    {
        ArgumentNullException.ThrowIfNull(spelling);
        _spelling = spelling;
    }

    /// <summary>Normalizes a text.</summary>
    /// <param name="text">The text.</param>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string s = WhisperTextNormalizer.RemoveBracketed(PythonText.Lower(text));
        s = s_fillers.Replace(s, "");
        s = s_spacedApostrophe.Replace(s, "'");
        foreach ((string word, string replacement) in s_words)
        {
            s = ReplaceWord(s, word, replacement, fromBoundary: true);
        }

        foreach ((string ending, string replacement) in s_endings)
        {
            s = ReplaceWord(s, ending, replacement, fromBoundary: false);
        }

        s = s_commaInNumber.Replace(s, "$1$2");
        s = s_period.Replace(s, " $1");
        s = WhisperTextNormalizer.RemoveSymbolsAndDiacritics(s, ".%$¢€£");
        s = Numbers(s);
        s = string.Join(' ', PythonText.Split(s).Select(word => _spelling.GetValueOrDefault(word, word)));
        s = s_currency.Replace(s, "$1$2");
        s = s_percent.Replace(s, "$1%");
        s = s_strayPrefix.Replace(s, " $1");
        s = s_strayPercent.Replace(s, "$1 ");
        return PythonText.CollapseSpaces(s);
    }

    private static Regex Make(string pattern) => new(pattern, RegexOptions.CultureInvariant);

    private static string ReplaceWord(string text, string word, string replacement, bool fromBoundary)
    {
        int found = text.IndexOf(word, StringComparison.Ordinal);
        if (found < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length + 16);
        int from = 0;
        while (found >= 0)
        {
            int end = found + word.Length;
            bool matches = PythonText.IsBoundary(text, end) && (!fromBoundary || PythonText.IsBoundary(text, found));
            if (matches)
            {
                output.Append(text, from, found - from).Append(replacement);
                from = end;
            }

            found = text.IndexOf(word, matches ? end : found + 1, StringComparison.Ordinal);
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    private static string Numbers(string text)
    {
        string s = Halves(text);
        s = s_letterDigit.Replace(s, "$1 $2");
        s = s_digitLetter.Replace(s, "$1 $2");
        s = s_ending.Replace(s, "$1$2");
        s = string.Join(' ', EnglishNumberReader.Run(PythonText.Split(s)));
        s = s_cents.Replace(s, match =>
        {
            string cents = match.Groups[3].Value;
            return $"{match.Groups[1].Value}{match.Groups[2].Value}.{(cents.Length == 1 ? "0" : "")}{cents}";
        });
        s = s_onlyCents.Replace(s, match => "¢" + int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture));
        return s_one.Replace(s, "one$1");
    }

    // "ten and a half" is "ten point five".
    private static string Halves(string text)
    {
        string[] parts = s_andAHalf.Split(text);
        var results = new List<string>();
        for (int i = 0; i < parts.Length; i++)
        {
            List<string> words = PythonText.Split(parts[i]);
            if (words.Count == 0)
            {
                continue;
            }

            results.Add(parts[i]);
            if (i < parts.Length - 1)
            {
                bool number = EnglishNumberWords.IsDecimal(words[^1])
                    || EnglishNumberWords.Multipliers.ContainsKey(words[^1]);
                results.Add(number ? "point five" : "and a half");
            }
        }

        return string.Join(' ', results);
    }
}
