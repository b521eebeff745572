using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>Reads yes or no, true or false out of an answer.</summary>
public static partial class YesNoAnswer
{
    /// <summary>
    /// True for yes and true, false for no and false, null where the answer says neither or both. The first word decides where it is one of
    /// these; otherwise all such words must agree. <c>not true</c> is false, <c>not false</c> is true.
    /// </summary>
    /// <param name="answer">The answer.</param>
    public static bool? Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string[] words = [.. Words().Matches(answer.ToLowerInvariant()).Select(match => match.Value)];
        bool? found = null;
        for (int i = 0; i < words.Length; i++)
        {
            if (Meaning(words[i]) is not { } says)
            {
                continue;
            }

            // "not true", "isn't false".
            says ^= i > 0 && IsNegation(words[i - 1]) && (words[i] is "true" or "false");
            if (i == 0)
            {
                return says;
            }

            if (found is { } before && before != says)
            {
                return null;
            }

            found = says;
        }

        return found;
    }

    private static bool? Meaning(string word) => word switch { "yes" or "true" => true, "no" or "false" => false, _ => null };

    private static bool IsNegation(string word) => word is "not" or "isn't" or "isn’t";

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’]\p{L}+)?")]
    private static partial Regex Words();
}
