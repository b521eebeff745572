namespace Percept.Evaluation;

/// <summary>ROUGE-L: the longest run of words, gaps allowed, that caption and reference share (Lin, 2004).</summary>
/// <remarks>
/// As the published scorer of COCO captions (salaniz/pycocoevalcap, <c>rouge.py</c>, commit ad63453c): β is 1.2, and the best precision and
/// the best recall are each taken over all references.
/// </remarks>
public static class RougeScore
{
    private const double Beta = 1.2;

    /// <summary>The score of one caption; that of a set is the mean.</summary>
    /// <param name="caption">Its words.</param>
    /// <param name="references">The references' words, at least one.</param>
    /// <returns>0 to 1.</returns>
    public static double Sentence(string[] caption, IReadOnlyList<string[]> references)
    {
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(references);
        double precision = 0, recall = 0;
        foreach (string[] reference in references)
        {
            int shared = Shared(caption, reference);
            precision = Math.Max(precision, (double)shared / Math.Max(1, caption.Length));
            recall = Math.Max(recall, (double)shared / Math.Max(1, reference.Length));
        }

        return precision > 0 && recall > 0
            ? (1 + (Beta * Beta)) * precision * recall / (recall + (Beta * Beta * precision))
            : 0;
    }

    private static int Shared(string[] first, string[] second)
    {
        int[] before = new int[second.Length + 1], row = new int[second.Length + 1];
        foreach (string word in first)
        {
            for (int i = 0; i < second.Length; i++)
            {
                row[i + 1] = word == second[i] ? before[i] + 1 : Math.Max(before[i + 1], row[i]);
            }

            (before, row) = (row, before);
        }

        return before[^1];
    }
}
