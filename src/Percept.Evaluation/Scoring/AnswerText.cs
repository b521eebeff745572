using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>Brings short answers into the one spelling that the VQA benchmark compares.</summary>
/// <remarks>
/// Follows the published evaluator of VQA (GT-Vision-Lab/VQA, <c>vqaEval.py</c>, commit a013f004), oddities included: a period is removed
/// unless a digit follows it, and punctuation is deleted rather than replaced by a blank where one of its kind stands beside a blank.
/// </remarks>
public static partial class AnswerText
{
    private const string Marks = ";/[]\"{}()=+\\_-><@`,?!";

    /// <summary>Words that lost an apostrophe, with all of them.</summary>
    private static readonly Dictionary<string, string> s_contractions = Contractions();

    private static readonly Dictionary<string, string> s_numbers = new(StringComparer.Ordinal)
    {
        ["none"] = "0", ["zero"] = "0", ["one"] = "1", ["two"] = "2", ["three"] = "3", ["four"] = "4", ["five"] = "5", ["six"] = "6",
        ["seven"] = "7", ["eight"] = "8", ["nine"] = "9", ["ten"] = "10",
    };

    /// <summary>The answer without line ends, punctuation, articles and capitals, with small numbers as digits.</summary>
    /// <param name="answer">The answer.</param>
    public static string Normalize(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return WithoutArticles(WithoutPunctuation(answer.Replace('\n', ' ').Replace('\t', ' ').Trim()));
    }

    private static string WithoutPunctuation(string text)
    {
        string result = text;
        bool hasComma = CommaInNumber().IsMatch(text);
        foreach (char mark in Marks)
        {
            bool deletes = hasComma || text.Contains($"{mark} ", StringComparison.Ordinal)
                || text.Contains($" {mark}", StringComparison.Ordinal);
            result = deletes
                ? result.Replace(mark.ToString(), string.Empty, StringComparison.Ordinal)
                : result.Replace(mark, ' ');
        }

        // The published code hands a flag where the greatest number of replacements belongs, and so replaces 32 at most.
        return PeriodBeforeNoDigit().Replace(result, string.Empty, 32);
    }

    private static string WithoutArticles(string text)
    {
        IEnumerable<string> words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => s_numbers.GetValueOrDefault(word, word))
            .Where(word => word is not ("a" or "an" or "the"))
            .Select(word => s_contractions.GetValueOrDefault(word, word));
        return string.Join(' ', words);
    }

    private static Dictionary<string, string> Contractions()
    {
        const string One =
            "ain't aren't can't could've couldn't didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's isn't it'd it'll "
            + "ma'am mightn't might've mustn't must've needn't not've o'clock oughtn't shan't should've shouldn't somebody'll somebody's "
            + "someone'd someone'll someone's something'd something'll that's there'd there're there's they'd they'll they're they've 'twas "
            + "wasn't we've weren't what'll what're what's what've when's where'd where's where've who'd who'll who's who've why'll why're "
            + "why's won't would've wouldn't y'all you'd you'll you're you've";
        const string Several =
            "couldn't've hadn't've he'd've it'd've mightn't've 'ow's'at she'd've shouldn't've somebody'd've someone'd've something'd've "
            + "there'd've they'd've we'd've who'd've wouldn't've y'all'll y'all'd've you'd've";

        // The published table spells this one the other way round.
        var words = new Dictionary<string, string>(StringComparer.Ordinal) { ["somebody'd"] = "somebodyd" };
        foreach (string word in $"{One} {Several}".Split(' '))
        {
            for (int at = word.IndexOf('\''); at >= 0; at = word.IndexOf('\'', at + 1))
            {
                words[word.Remove(at, 1)] = word;
            }
        }

        return words;
    }

    [GeneratedRegex(@"[0-9],[0-9]")]
    private static partial Regex CommaInNumber();

    [GeneratedRegex(@"\.(?![0-9])")]
    private static partial Regex PeriodBeforeNoDigit();
}
