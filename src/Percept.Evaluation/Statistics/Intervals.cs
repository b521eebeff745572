namespace Percept.Evaluation;

/// <summary>Intervals that hold the true value in 95 of 100 cases.</summary>
public static class Intervals
{
    private const double Deviations = 1.959963984540054;
    private const int Draws = 2000;
    private const double Tail = 0.025;

    /// <summary>Wilson's interval of a share (1927): it stays within 0 and 1, and is right for few cases and for extreme shares.</summary>
    /// <param name="successes">How many of the cases hold.</param>
    /// <param name="count">All cases.</param>
    /// <returns>The ends; 0 and 1 without cases.</returns>
    public static (double Low, double High) Wilson(double successes, int count)
    {
        if (count == 0)
        {
            return (0, 1);
        }

        double share = successes / count, square = Deviations * Deviations;
        double middle = (share + (square / (2 * count))) / (1 + (square / count));
        double half = Deviations / (1 + (square / count)) * Math.Sqrt((share * (1 - share) / count) + (square / (4.0 * count * count)));
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>
    /// The interval of a mean, from means of as many values drawn again from the same ones (Efron, 1979). Values of one group are drawn
    /// together, since they do not count as independent.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="groups">The group of each value; null where it stands alone.</param>
    /// <param name="seed">The seed of the draws: the same one gives the same interval.</param>
    /// <returns>The ends; NaN without values.</returns>
    public static (double Low, double High) Bootstrap(IReadOnlyList<double> values, IReadOnlyList<string?> groups, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(groups);
        (double Sum, int Count)[] parts =
        [
            .. values.Select((value, i) => (Value: value, Group: groups[i] ?? FormattableString.Invariant($"\0{i}")))
                .GroupBy(item => item.Group, item => item.Value).Select(group => (group.Sum(), group.Count())),
        ];
        return Bootstrap(parts.Length, drawn =>
        {
            double sum = 0;
            int count = 0;
            foreach (int part in drawn)
            {
                sum += parts[part].Sum;
                count += parts[part].Count;
            }

            return sum / count;
        }, seed);
    }

    /// <summary>The interval of any number that is computed from cases, from that number of as many cases drawn again.</summary>
    /// <param name="count">How many cases there are.</param>
    /// <param name="statistic">Computes the number of the cases with these indices.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="draws">How often cases are drawn.</param>
    /// <returns>The ends; NaN without cases.</returns>
    public static (double Low, double High) Bootstrap(int count, Func<int[], double> statistic, int seed = 0, int draws = Draws)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        if (count == 0)
        {
            return (double.NaN, double.NaN);
        }

        var random = new Random(seed);
        var results = new double[draws];
        var drawn = new int[count];
        for (int i = 0; i < draws; i++)
        {
            for (int j = 0; j < count; j++)
            {
                drawn[j] = random.Next(count);
            }

            results[i] = statistic(drawn);
        }

        Array.Sort(results);
        return (Quantile(results, Tail), Quantile(results, 1 - Tail));
    }

    /// <summary>
    /// How likely it is that two equally good models differ at least so much: the exact two-sided test of the cases in which one alone is
    /// right (McNemar, 1947).
    /// </summary>
    /// <param name="firstOnly">Cases in which the first alone is right.</param>
    /// <param name="secondOnly">Cases in which the second alone is right.</param>
    /// <returns>0 to 1.</returns>
    public static double McNemar(int firstOnly, int secondOnly)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstOnly);
        ArgumentOutOfRangeException.ThrowIfNegative(secondOnly);
        int all = firstOnly + secondOnly, fewer = Math.Min(firstOnly, secondOnly);
        double sum = 0, logarithm = -all * Math.Log(2);
        for (int i = 0; i <= fewer; i++)
        {
            sum += Math.Exp(logarithm);
            logarithm += Math.Log(all - i) - Math.Log(i + 1);
        }

        return Math.Min(1, 2 * sum);
    }

    /// <summary>Between the two sorted values around a share of the way.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        double above = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return sorted[below] + ((at - below) * (above - sorted[below]));
    }
}
