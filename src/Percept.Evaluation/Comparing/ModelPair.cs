namespace Percept.Evaluation;

/// <summary>Two models on the same questions.</summary>
/// <param name="First">The one model.</param>
/// <param name="Second">The other model.</param>
/// <param name="Agreeing">Questions on which both were read as the same answer.</param>
/// <param name="FirstBetter">Questions on which the first scores higher.</param>
/// <param name="SecondBetter">Questions on which the second scores higher.</param>
/// <param name="Count">All questions.</param>
public sealed record ModelPair(string First, string Second, int Agreeing, int FirstBetter, int SecondBetter, int Count)
{
    /// <summary>The first's mean score minus the second's, by the scores of single answers (<see cref="ModelComparison.ScoreName"/>).</summary>
    public required double Difference { get; init; }

    /// <summary>The low end of the difference's interval of 95 %, from questions (or their groups) drawn again.</summary>
    public required double Low { get; init; }

    /// <summary>The high end of that interval.</summary>
    public required double High { get; init; }

    /// <summary>
    /// How likely equally good models differ at least so much, from the questions on which one is better; null where questions come in groups
    /// and do not count as independent.
    /// </summary>
    public required double? Chance { get; init; }

    /// <summary>Compares the rows of two runs.</summary>
    internal static ModelPair Of(EvaluationResult first, EvaluationResult second)
    {
        (EvaluationRow One, EvaluationRow Other)[] rows = [.. first.Rows.Zip(second.Rows)];
        int better = rows.Count(row => row.One.Score > row.Other.Score), worse = rows.Count(row => row.One.Score < row.Other.Score);
        double[] differences = [.. rows.Select(row => row.One.Score - row.Other.Score)];
        string?[] groups = [.. rows.Select(row => row.One.Group)];
        (double low, double high) = Intervals.Bootstrap(differences, groups);
        int agreeing = rows.Count(row => row.One.Parsed is not null && row.One.Parsed == row.Other.Parsed);
        return new ModelPair(first.Model, second.Model, agreeing, better, worse, rows.Length)
        {
            Difference = differences.Average(), Low = low, High = high,
            Chance = groups.All(group => group is null) ? Intervals.McNemar(better, worse) : null,
        };
    }
}
