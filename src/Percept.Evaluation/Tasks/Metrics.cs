namespace Percept.Evaluation;

/// <summary>Numbers that several tasks have.</summary>
internal static class Metrics
{
    /// <summary>
    /// The mean score. Right-or-wrong scores of samples that stand alone have Wilson's interval; other scores, and samples in groups, one by
    /// drawing again.
    /// </summary>
    internal static EvaluationMetric Mean(string name, IReadOnlyList<EvaluationRow> rows, bool isShare = true) =>
        Mean(name, [.. rows.Select(row => row.Score)], [.. rows.Select(row => row.Group)], isShare);

    /// <summary>The mean of numbers.</summary>
    /// <param name="name">What it measures.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="groups">The group of each; null where it stands alone.</param>
    /// <param name="isShare">Whether it is shown as percent.</param>
    internal static EvaluationMetric Mean(string name, IReadOnlyList<double> values, IReadOnlyList<string?> groups, bool isShare = true)
    {
        if (values.Count == 0)
        {
            return new EvaluationMetric(name, double.NaN, 0) { IsShare = isShare };
        }

        // Where all are the same, drawing again finds nothing else; then each group is one case.
        int cases = groups.Count(group => group is null) + groups.Where(group => group is not null).Distinct().Count();
        bool rightOrWrong = isShare && values.All(value => value is 0 or 1);
        (double low, double high) = rightOrWrong && (cases == values.Count || values.Distinct().Count() == 1)
            ? Intervals.Wilson(values.Average() * cases, cases)
            : Intervals.Bootstrap(values, groups);
        return new EvaluationMetric(name, values.Average(), values.Count) { IsShare = isShare, Low = low, High = high };
    }

    /// <summary>The share of groups of which every sample is right.</summary>
    internal static EvaluationMetric AllRight(string name, IReadOnlyList<EvaluationRow> rows)
    {
        double[] groups = [.. rows.GroupBy(row => row.Group ?? row.Id).Select(group => group.All(row => row.Score == 1) ? 1.0 : 0)];
        return Mean(name, groups, new string?[groups.Length]);
    }
}
