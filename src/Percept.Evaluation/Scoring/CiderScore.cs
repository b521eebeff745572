namespace Percept.Evaluation;

/// <summary>CIDEr-D: how much of what is rare in all references a caption shares with its own (Vedantam et al., 2015).</summary>
/// <remarks>
/// As the published scorer of COCO captions (salaniz/pycocoevalcap, <c>cider_scorer.py</c>, commit ad63453c): runs of 1 to 4 words, σ 6,
/// clipped counts, times 10, and how common a run is counted over the references of the very set that is scored. A set of one picture
/// scores 0, whatever the caption.
/// </remarks>
public static class CiderScore
{
    private const double Sigma = 6;
    private const double Factor = 10;

    /// <summary>The score of each caption; that of the set is their mean.</summary>
    /// <param name="captions">Words of each caption and of its references, at least one each.</param>
    /// <returns>One number for each caption, 0 to 10.</returns>
    public static double[] Scores(IReadOnlyList<(string[] Caption, IReadOnlyList<string[]> References)> captions)
    {
        ArgumentNullException.ThrowIfNull(captions);
        var frequencies = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((_, IReadOnlyList<string[]> references) in captions)
        {
            foreach (string run in references.SelectMany(words => Lengths().SelectMany(n => NGrams.Count(words, n).Keys)).Distinct())
            {
                frequencies[run] = frequencies.GetValueOrDefault(run) + 1;
            }
        }

        double all = Math.Log(captions.Count);
        Weights Weigh(string[] words) => new(words, run => all - Math.Log(Math.Max(1, frequencies.GetValueOrDefault(run))));
        return
        [
            .. captions.Select(item =>
            {
                Weights caption = Weigh(item.Caption);
                return Factor * item.References.Select(reference => Likeness(caption, Weigh(reference))).Sum() / item.References.Count;
            }),
        ];
    }

    private static IEnumerable<int> Lengths() => Enumerable.Range(1, NGrams.Longest);

    /// <summary>The mean likeness over the lengths of runs.</summary>
    private static double Likeness(Weights caption, Weights reference)
    {
        double delta = caption.Pairs - reference.Pairs;
        double sum = 0;
        for (int n = 0; n < NGrams.Longest; n++)
        {
            double product = 0;
            foreach ((string run, double weight) in caption.Runs[n])
            {
                if (reference.Runs[n].TryGetValue(run, out double known))
                {
                    product += Math.Min(weight, known) * known;
                }
            }

            double norms = caption.Norms[n] * reference.Norms[n];
            sum += (norms != 0 ? product / norms : product) * Math.Exp(-(delta * delta) / (2 * Sigma * Sigma));
        }

        return sum / NGrams.Longest;
    }

    /// <summary>The weights of a text's runs, by length.</summary>
    private sealed class Weights
    {
        internal Weights(string[] words, Func<string, double> rarity)
        {
            foreach (int n in Lengths())
            {
                Runs[n - 1] = NGrams.Count(words, n).ToDictionary(run => run.Key, run => run.Value * rarity(run.Key), StringComparer.Ordinal);
                Norms[n - 1] = Math.Sqrt(Runs[n - 1].Values.Sum(weight => weight * weight));
            }

            // What the published scorer calls the length is the number of runs of two words.
            Pairs = Math.Max(0, words.Length - 1);
        }

        internal Dictionary<string, double>[] Runs { get; } = new Dictionary<string, double>[NGrams.Longest];

        internal double[] Norms { get; } = new double[NGrams.Longest];

        internal int Pairs { get; }
    }
}
