namespace Percept.Reports;

/// <summary>One curve of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="X">Where its points stand from left to right.</param>
/// <param name="Y">The points' values, as many as <paramref name="X"/>. What is no finite number leaves a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>
    /// How much the curve is smoothed, from 0 (not at all) to below 1: each point of the smooth curve is this share of the one before and
    /// the rest the new value, with the beginning corrected so that it does not lean to zero. A smoothed curve is drawn over its raw points.
    /// </summary>
    public double Smoothing { get; init; }

    /// <summary>Whether the line is dashed, for instance for a second run or a bound.</summary>
    public bool Dashed { get; init; }

    /// <summary>The smooth curve's values.</summary>
    internal double[] Smooth()
    {
        var result = new double[Y.Count];
        double mean = 0, weight = 0;
        for (int i = 0; i < result.Length; i++)
        {
            if (!double.IsFinite(Y[i]))
            {
                result[i] = double.NaN;
                continue;
            }

            mean = (Smoothing * mean) + ((1 - Smoothing) * Y[i]);
            weight = (Smoothing * weight) + (1 - Smoothing);
            result[i] = mean / weight;
        }

        return result;
    }
}
