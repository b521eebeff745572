using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class IntervalTests
{
    [Theory]
    [InlineData(0, 10, 0, 0.27753279)]
    [InlineData(8, 10, 0.49016247, 0.94331782)]
    [InlineData(50, 100, 0.40383153, 0.59616847)]
    public void Wilson(int successes, int count, double low, double high)
    {
        (double gotLow, double gotHigh) = Intervals.Wilson(successes, count);
        Assert.Equal(low, gotLow, 1e-6);
        Assert.Equal(high, gotHigh, 1e-6);
    }

    [Fact]
    public void DrawnAgainIsLikeTheNormalIntervalForManyValues()
    {
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => i % 4 == 0 ? 1.0 : 0)];
        (double low, double high) = Intervals.Bootstrap(values, new string?[values.Length]);
        double half = 1.96 * Math.Sqrt(0.25 * 0.75 / 1000);
        Assert.InRange(low, 0.25 - half - 0.004, 0.25 - half + 0.004);
        Assert.InRange(high, 0.25 + half - 0.004, 0.25 + half + 0.004);
        Assert.Equal((low, high), Intervals.Bootstrap(values, new string?[values.Length]));
        Assert.NotEqual((low, high), Intervals.Bootstrap(values, new string?[values.Length], seed: 1));
    }

    [Fact]
    public void ValuesOfOneGroupWidenTheInterval()
    {
        double[] values = [.. Enumerable.Range(0, 600).Select(i => i / 6 % 2 == 0 ? 1.0 : 0)];
        string?[] groups = [.. Enumerable.Range(0, 600).Select(i => $"{i / 6}")];
        (double lowAlone, double highAlone) = Intervals.Bootstrap(values, new string?[600]);
        (double low, double high) = Intervals.Bootstrap(values, groups);
        Assert.InRange((high - low) / (highAlone - lowAlone), 2.1, 2.8);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 0, 0.0625)]
    [InlineData(10, 2, 0.03857421875)]
    [InlineData(3, 3, 1)]
    public void ChanceOfADifference(int first, int second, double chance) =>
        Assert.Equal(chance, Intervals.McNemar(first, second), 1e-12);
}
