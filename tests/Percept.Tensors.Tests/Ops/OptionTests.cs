using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Options of ops beyond their defaults.</summary>
[Trait("Level", "Simd")]
public class OptionTests
{
    [Theory]
    [InlineData(2f, 20f)]
    [InlineData(0.5f, 1f)]
    [InlineData(-1.5f, 3f)]
    public void SoftplusWithBetaAndThreshold(float beta, float threshold) => GradientCheck.Run(
        t => Ops.Softplus(t[0], beta, threshold),
        v => [.. v[0].Select(x => beta * x > threshold ? x : Math.Log(1 + Math.Exp(beta * x)) / beta)],
        [(GradientCheck.Normal(33, 5, 4f), [33])],
        probes: 33);

    [Fact]
    public void AveragesWithAnotherDivisor()
    {
        // Windows of 3 that move by 2 over 0 x0 … x4 0.
        GradientCheck.Run(
            t => Ops.AvgPool1d(t[0], new PoolOptions { Kernel = 3, Stride = 2, Padding = 1, Divisor = 5 }),
            v => [(v[0][0] + v[0][1]) / 5, (v[0][1] + v[0][2] + v[0][3]) / 5, (v[0][3] + v[0][4]) / 5],
            [(GradientCheck.Normal(5, 3), [1, 5])]);
        GradientCheck.Run(
            t => Ops.AvgPool2d(t[0], new PoolOptions { Kernel = 2, Divisor = -3 }),
            v => [v[0].Sum() / -3],
            [(GradientCheck.Normal(4, 3), [1, 2, 2])]);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(2f)]
    [InlineData(3f)]
    public void DistancesOfAnyOrderAndStretchedBatches(float p) => GradientCheck.Run(
        t => Ops.PairDistances(t[0], t[1], p),
        v =>
        [
            .. from batch in Enumerable.Range(0, 2)
               from m in Enumerable.Range(0, 3)
               from n in Enumerable.Range(0, 4)
               select Distance(v[0].AsSpan(m * 5, 5), v[1].AsSpan(((batch * 4) + n) * 5, 5), p, 0),
        ],
        [(GradientCheck.Normal(15, 1), [3, 5]), (GradientCheck.Normal(40, 2), [2, 4, 5])],
        1e-3);

    [Theory]
    [InlineData(1f, false)]
    [InlineData(2f, true)]
    [InlineData(3f, true)]
    public void TripletsOfAnyOrderWithSwap(float p, bool swap) => GradientCheck.Run(
        t => Ops.TripletMarginLoss(t[0], t[1], t[2], 2f, 1e-6f, Reduction.None, p, swap),
        v =>
        [
            .. Enumerable.Range(0, 4).Select(row =>
            {
                Span<double> a = v[0].AsSpan(row * 6, 6), b = v[1].AsSpan(row * 6, 6), c = v[2].AsSpan(row * 6, 6);
                double far = Distance(a, c, p, 1e-6);
                far = swap ? Math.Min(far, Distance(b, c, p, 1e-6)) : far;
                return Math.Max(0, Distance(a, b, p, 1e-6) - far + 2);
            }),
        ],
        [.. Enumerable.Range(1, 3).Select(seed => (GradientCheck.Normal(24, (ulong)seed), new[] { 4, 6 }))],
        1e-3);

    [Fact]
    public void ATypeThatCannotBeEncodedNamesThoseThatCan()
    {
        string message = Assert.Throws<NotSupportedException>(() => Ops.Cast(Ops.Zeros([256]), DType.IQ1_S)).Message;
        Assert.Contains("IQ1_S", message, StringComparison.Ordinal);
        Assert.Contains("Q4_K", message, StringComparison.Ordinal);
        Assert.DoesNotContain("IQ2", message, StringComparison.Ordinal);
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double p, double eps)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Math.Pow(Math.Abs(a[i] - b[i] + eps), p);
        }

        return Math.Pow(sum, 1 / p);
    }
}
