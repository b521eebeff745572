namespace Percept.Evaluation;

/// <summary>Yes or no as the POPE benchmark reads it.</summary>
public static class PopeAnswer
{
    /// <summary>
    /// The published rule (AoiDragon/POPE, <c>evaluate.py</c>, commit 08d957b9): of the text before the first period, without commas, a word
    /// <c>No</c>, <c>no</c> or <c>not</c> means no. Everything else means yes, an empty answer too.
    /// </summary>
    /// <param name="answer">The answer.</param>
    public static bool Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        int end = answer.IndexOf('.', StringComparison.Ordinal);
        string[] words = (end < 0 ? answer : answer[..end]).Replace(",", string.Empty, StringComparison.Ordinal).Split(' ');
        return !words.Any(word => word is "No" or "not" or "no");
    }
}
