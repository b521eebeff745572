namespace Percept.Evaluation;

/// <summary>BLEU-1 to BLEU-4 against several references (Papineni et al., 2002).</summary>
/// <remarks>
/// As the published scorer of COCO captions (salaniz/pycocoevalcap, <c>bleu_scorer.py</c>, commit ad63453c): the reference length is the
/// closest one, the shorter of two that are as close, and tiny numbers keep quotients of nothing finite.
/// </remarks>
public static class BleuScore
{
    private const double Small = 1e-9;
    private const double Tiny = 1e-15;

    /// <summary>The scores of one caption.</summary>
    /// <param name="caption">Its words.</param>
    /// <param name="references">The references' words, at least one.</param>
    /// <returns>Four numbers, BLEU-1 first.</returns>
    public static double[] Sentence(string[] caption, IReadOnlyList<string[]> references) =>
        Score([(caption, references)]);

    /// <summary>The scores of a whole set: counts are added up over all captions before they are divided.</summary>
    /// <param name="captions">Words of each caption and of its references.</param>
    /// <returns>Four numbers, BLEU-1 first.</returns>
    public static double[] Score(IEnumerable<(string[] Caption, IReadOnlyList<string[]> References)> captions)
    {
        ArgumentNullException.ThrowIfNull(captions);
        var guesses = new long[NGrams.Longest];
        var right = new long[NGrams.Longest];
        long length = 0, wanted = 0;
        foreach ((string[] caption, IReadOnlyList<string[]> references) in captions)
        {
            length += caption.Length;
            wanted += references.Select(reference => reference.Length)
                .OrderBy(count => Math.Abs(count - caption.Length)).ThenBy(count => count).First();
            for (int n = 1; n <= NGrams.Longest; n++)
            {
                guesses[n - 1] += Math.Max(0, caption.Length - n + 1);
                right[n - 1] += Right(caption, references, n);
            }
        }

        double ratio = (length + Tiny) / (wanted + Small);
        double brevity = ratio < 1 ? Math.Exp(1 - (1 / ratio)) : 1;
        var scores = new double[NGrams.Longest];
        double product = 1;
        for (int n = 0; n < scores.Length; n++)
        {
            product *= (right[n] + Tiny) / (guesses[n] + Small);
            scores[n] = Math.Pow(product, 1.0 / (n + 1)) * brevity;
        }

        return scores;
    }

    private static long Right(string[] caption, IReadOnlyList<string[]> references, int n)
    {
        Dictionary<string, int>[] known = [.. references.Select(reference => NGrams.Count(reference, n))];
        return NGrams.Count(caption, n).Sum(run => (long)Math.Min(run.Value, known.Max(counts => counts.GetValueOrDefault(run.Key))));
    }
}
