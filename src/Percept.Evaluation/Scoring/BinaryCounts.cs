namespace Percept.Evaluation;

/// <summary>How answers with yes or no stand to the truth; yes is the positive class.</summary>
/// <param name="TruePositives">Said yes, and it is so.</param>
/// <param name="FalsePositives">Said yes, and it is not so.</param>
/// <param name="TrueNegatives">Said no, and it is not so.</param>
/// <param name="FalseNegatives">Said no, and it is so.</param>
public readonly record struct BinaryCounts(int TruePositives, int FalsePositives, int TrueNegatives, int FalseNegatives)
{
    /// <summary>All answers.</summary>
    public int Count => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>The share of right answers; NaN without answers.</summary>
    public double Accuracy => (double)(TruePositives + TrueNegatives) / Count;

    /// <summary>Of what was said to be so, the share that is; 0 where nothing was.</summary>
    public double Precision => Share(TruePositives, TruePositives + FalsePositives);

    /// <summary>Of what is so, the share that was said to be; 0 where nothing is.</summary>
    public double Recall => Share(TruePositives, TruePositives + FalseNegatives);

    /// <summary>The harmonic mean of precision and recall; 0 where both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    /// <summary>The share of answers that said yes; NaN without answers.</summary>
    public double YesRatio => (double)(TruePositives + FalsePositives) / Count;

    /// <summary>Counts answers.</summary>
    /// <param name="answers">What was said, and what is so.</param>
    public static BinaryCounts Of(IEnumerable<(bool Said, bool True)> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        int tp = 0, fp = 0, tn = 0, fn = 0;
        foreach ((bool said, bool isTrue) in answers)
        {
            _ = (said, isTrue) switch { (true, true) => tp++, (true, false) => fp++, (false, false) => tn++, _ => fn++ };
        }

        return new BinaryCounts(tp, fp, tn, fn);
    }

    private static double Share(int part, int whole) => whole > 0 ? (double)part / whole : 0;
}
