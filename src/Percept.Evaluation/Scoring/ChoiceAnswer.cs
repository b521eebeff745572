using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>Reads which of several lettered options an answer chooses.</summary>
public static partial class ChoiceAnswer
{
    /// <summary>What <see cref="Published"/> gives for an answer that refuses to choose.</summary>
    public const char Refused = 'Z';

    private const string Marks = ".()[],:;!*#{}";
    private const int LastWords = 5;

    private static readonly string[] s_refusals =
    [
        "Sorry, I can't help with images of people yet.", "I can't process this file.", "I'm sorry, but without the image provided",
        "Cannot determine the answer",
    ];

    /// <summary>
    /// The option that an answer chooses; null where that is not clear. A single letter, a letter with a mark behind or brackets around it,
    /// a letter after <c>answer is</c>, the only capital letter of an option in the text (an <c>A</c> that begins a longer text is taken for
    /// the article), or the wording of exactly one option.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="options">The options' wordings; the first is A.</param>
    public static char? Parse(string answer, IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(options);
        char last = (char)('A' + options.Count - 1);
        bool Is(char letter) => letter >= 'A' && letter <= last;
        string text = answer.Trim();
        if (OnlyLetter().Match(text) is { Success: true } only && Is(char.ToUpperInvariant(only.Groups[1].Value[0])))
        {
            return char.ToUpperInvariant(only.Groups[1].Value[0]);
        }

        if (Stated().Match(text) is { Success: true } stated && Is(stated.Groups[1].Value[0]))
        {
            return stated.Groups[1].Value[0];
        }

        char[] letters =
        [
            .. CapitalLetter().Matches(text)
                .Where(match => Is(match.Value[0]) && !(match.Value == "A" && Article().IsMatch(text[match.Index..])))
                .Select(match => match.Value[0]).Distinct(),
        ];
        if (letters.Length == 1)
        {
            return letters[0];
        }

        int[] worded =
        [
            .. Enumerable.Range(0, options.Count).Where(i => options[i].Length > 0
                && text.Contains(options[i], StringComparison.OrdinalIgnoreCase)),
        ];
        return letters.Length == 0 && worded.Length == 1 ? (char)('A' + worded[0]) : null;
    }

    /// <summary>
    /// The option by the rules of VLMEvalKit (open-compass/VLMEvalKit, <c>matching_util.py</c>, commit e8e78f05), by which MMBench, SEED-Bench
    /// and others are scored without a judge: null where those rules find none, <see cref="Refused"/> for a refusal.
    /// </summary>
    /// <remarks>Its oddities are kept: <c>The answer is a blue truck</c> chooses A.</remarks>
    /// <param name="answer">The answer.</param>
    /// <param name="options">Letters with the options' wordings, in order.</param>
    public static char? Published(string answer, IReadOnlyList<KeyValuePair<char, string>> options)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(options);
        return PublishedLetter(answer, options) ?? PublishedWording(answer, options);
    }

    internal static char? PublishedLetter(string answer, IReadOnlyList<KeyValuePair<char, string>> options)
    {
        if (answer.Contains("Failed to obtain answer via API", StringComparison.Ordinal))
        {
            return null;
        }

        if (s_refusals.Any(refusal => answer.Contains(refusal, StringComparison.Ordinal)))
        {
            return Refused;
        }

        string[] words = string.Concat(answer.Select(letter => Marks.Contains(letter) ? ' ' : letter))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        char[] present = [.. options.Select(option => option.Key).Where(letter => words.Contains(letter.ToString()))];
        if (present.Length == 1 && Array.IndexOf(words, present[0].ToString()) > words.Length - LastWords)
        {
            return present[0];
        }

        if (present.Length == 0 && words.Contains(Refused.ToString()))
        {
            return Refused;
        }

        Match match = PublishedSentence().Match(answer);
        return match.Success && options.Any(option => option.Key == char.ToUpperInvariant(match.Groups[1].Value[0]))
            ? char.ToUpperInvariant(match.Groups[1].Value[0])
            : null;
    }

    internal static char? PublishedWording(string answer, IReadOnlyList<KeyValuePair<char, string>> options)
    {
        string text = answer.ToLowerInvariant();
        if (text.Length > 2 * options.Sum(option => option.Value.Length))
        {
            return null;
        }

        char[] found =
        [
            .. options.Where(option => text.Contains(option.Value.ToLowerInvariant(), StringComparison.Ordinal))
                .Select(option => option.Key),
        ];
        return found.Length == 1 ? found[0] : null;
    }

    [GeneratedRegex(@"^[(\[*""'“]*([A-Za-z])[)\]*""'”]*[.:,)]?(?:\s*\z|(?<=[.:)])\s)")]
    private static partial Regex OnlyLetter();

    [GeneratedRegex(@"(?i:\banswer\s*(?:is|:)\s*(?:option\s*)?)[(\[*""'“]*([A-Z])\b(?!\s\p{Ll})")]
    private static partial Regex Stated();

    [GeneratedRegex(@"(?<![\p{L}\p{N}'’])[A-Z](?![\p{L}\p{N}'’])")]
    private static partial Regex CapitalLetter();

    [GeneratedRegex(@"^A\s+(?!(?:and|or|is)\b)\p{Ll}")]
    private static partial Regex Article();

    [GeneratedRegex(@"(?i)(?:correct\s+)?answer\s+is\s+\**([ABCD])\**")]
    private static partial Regex PublishedSentence();
}
