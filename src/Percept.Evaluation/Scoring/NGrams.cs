namespace Percept.Evaluation;

/// <summary>Runs of one to four words, counted.</summary>
internal static class NGrams
{
    /// <summary>The longest run that caption scores look at.</summary>
    internal const int Longest = 4;

    /// <summary>How often each run of a length stands in a list of words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="length">The runs' length, 1 to <see cref="Longest"/>.</param>
    internal static Dictionary<string, int> Count(string[] words, int length)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i + length <= words.Length; i++)
        {
            // Words hold no blanks, so that the joined text tells runs apart.
            string run = string.Join(' ', words, i, length);
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }

        return counts;
    }
}
