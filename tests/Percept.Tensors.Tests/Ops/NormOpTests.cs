using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class NormOpTests
{
    [Theory]
    [InlineData(17, 1)]
    [InlineData(64, 1)]
    [InlineData(6, 2)]
    public void LayerAndRmsNorm(int last, int axes)
    {
        int[] shape = [2, 3, last];
        int[] tail = axes == 1 ? [last] : [3, last];
        int size = tail.Aggregate(1, (a, b) => a * b);
        (float[], int[])[] inputs =
        [
            (GradientCheck.Normal(6 * last, 1, 2f), shape), (GradientCheck.Normal(size, 2), tail), (GradientCheck.Normal(size, 3), tail),
        ];
        GradientCheck.Run(
            t => Ops.LayerNorm(t[0], t[1], t[2], 1e-5f, axes), v => Norm(v[0], v[1], v[2], size, true, 1e-5, 0), inputs);
        if (axes == 1)
        {
            GradientCheck.Run(
                t => Ops.RmsNorm(t[0], t[1], 1e-6f), v => Norm(v[0], v[1], null, size, false, 1e-6, 0), inputs[..2]);
            GradientCheck.Run(
                t => Ops.RmsNorm(t[0], t[1], 1e-6f, unitOffset: true), v => Norm(v[0], v[1], null, size, false, 1e-6, 1), inputs[..2]);
            GradientCheck.Run(t => Ops.LayerNorm(t[0]), v => Norm(v[0], null, null, size, true, 1e-5, 0), inputs[..1]);
        }
    }

    [Fact]
    public void LayerNormOverChannels()
    {
        // [2, 5, 3]: rows along axis 1.
        GradientCheck.Run(
            t => Ops.LayerNormChannelsFirst(t[0], t[1], t[2]),
            v =>
            {
                double[] rows = [.. Enumerable.Range(0, 30).Select(k => v[0][(k / 15 * 15) + (k % 5 * 3) + (k / 5 % 3)])];
                double[] normal = Norm(rows, v[1], v[2], 5, true, 1e-6, 0);
                return [.. Enumerable.Range(0, 30).Select(k => normal[(k / 15 * 15) + (k % 3 * 5) + (k / 3 % 5)])];
            },
            [(GradientCheck.Normal(30, 1), [2, 5, 3]), (GradientCheck.Normal(5, 2), [5]), (GradientCheck.Normal(5, 3), [5])]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(33)]
    public void GroupInstanceAndBatchNorm(int plane)
    {
        const int Batch = 2;
        const int Channels = 4;
        int[] shape = [Batch, Channels, plane];
        (float[], int[])[] inputs =
        [
            (GradientCheck.Normal(Batch * Channels * plane, 1, 2f), shape), (GradientCheck.Normal(Channels, 2), [Channels]),
            (GradientCheck.Normal(Channels, 3), [Channels]),
        ];
        GradientCheck.Run(
            t => Ops.GroupNorm(t[0], 2, t[1], t[2], 1e-3f),
            v => Planes(v, plane, i => i / (2 * plane), 1e-3), inputs, 5e-4);
        GradientCheck.Run(
            t => Ops.InstanceNorm(t[0], t[1], t[2], 1e-3f),
            v => Planes(v, plane, i => i / plane, 1e-3), inputs, 5e-4);
        GradientCheck.Run(
            t => Ops.BatchNorm(t[0], null, null, t[1], t[2], training: true, eps: 1e-3f),
            v => Planes(v, plane, i => i / plane % Channels, 1e-3), inputs, 5e-4);
        Tensor mean = Tensor.From([0.5f, -1f, 0f, 2f], [4]);
        Tensor variance = Tensor.From([1f, 2f, 0.5f, 1f], [4]);
        GradientCheck.Run(
            t => Ops.BatchNorm(t[0], mean, variance, t[1], t[2]),
            v => [.. v[0].Select((x, i) => (i / plane % 4, x)).Select(p =>
                ((p.x - mean.Span<float>()[p.Item1]) / Math.Sqrt(variance.Span<float>()[p.Item1] + 1e-5) * v[1][p.Item1]) + v[2][p.Item1])],
            inputs);
    }

    [Fact]
    public void RunningStatisticsTakeTheUnbiasedVariance()
    {
        Tensor mean = Ops.Zeros([1]);
        Tensor variance = Ops.Ones([1]);
        Ops.BatchNorm(Tensor.From([1f, 2f, 3f, 6f], [4, 1]), mean, variance, training: true, momentum: 0.1f);
        Assert.Equal(0.3f, mean.Item(), 1e-6);
        Assert.Equal(0.9f + (0.1f * 14f / 3f), variance.Item(), 1e-6);
        Assert.Throws<ShapeException>(() => Ops.BatchNorm(Ops.Ones([1, 1]), mean, variance, training: true));
        Assert.Throws<ShapeException>(() => Ops.GroupNorm(Ops.Ones([1, 3, 2]), 2));
    }

    [Fact]
    public void OtherNorms()
    {
        GradientCheck.Run(
            t => Ops.L2Normalize(t[0], -1, 100f), v => [.. v[0].Select(x => x / 100)], [(GradientCheck.Normal(12, 1), [3, 4])]);
        GradientCheck.Run(
            t => Ops.CosineSimilarity(t[0], t[1]),
            v =>
            [
                .. Enumerable.Range(0, 3).Select(r =>
                {
                    double[] a = v[0][(r * 4)..((r * 4) + 4)];
                    double[] b = v[1];
                    return a.Zip(b, (p, q) => p * q).Sum() / Math.Sqrt(a.Sum(e => e * e) * b.Sum(e => e * e));
                }),
            ],
            [(GradientCheck.Normal(12, 2), [3, 4]), (GradientCheck.Normal(4, 3), [4])]);
        GradientCheck.Run(
            t => Ops.WeightNorm(t[0], t[1], 2),
            v => [.. v[0].Select((x, i) => x * v[1][i % 2] / Math.Sqrt(v[0].Where((_, j) => j % 2 == i % 2).Sum(e => e * e)))],
            [(GradientCheck.Normal(24, 4), [3, 4, 2]), (GradientCheck.Normal(2, 5), [1, 1, 2])]);
    }

    [Fact]
    public void MaskedAndGumbelSoftmax()
    {
        Tensor mask = Tensor.From([0f, float.NegativeInfinity, 0f, 0f, 0f, float.NegativeInfinity], [2, 3]);
        static double[] Rows(double[] x) => [.. x.Select((e, i) => Math.Exp(e) / x[(i / 3 * 3)..((i / 3 * 3) + 3)].Sum(o => Math.Exp(o)))];
        GradientCheck.Run(
            t => Ops.SoftmaxMasked(t[0], mask, 0.5f),
            v => Rows([.. v[0].Select((e, i) => (0.5 * e) + mask.Span<float>()[i % 6])]),
            [(GradientCheck.Normal(12, 1), [2, 2, 3])]);
        Tensor wide = Tensor.From([0f, float.NegativeInfinity, 1f], [1, 1, 3]);
        GradientCheck.Run(
            t => Ops.SoftmaxMasked(t[0], wide),
            v => Rows([.. v[0].Select((e, i) => e + wide.Span<float>()[i % 3])]),
            [(GradientCheck.Normal(12, 1), [2, 2, 3])]);
        Tensor noise = Tensor.From(GradientCheck.Normal(6, 8), [2, 3]);
        GradientCheck.Run(
            t => Ops.GumbelSoftmax(t[0], noise, 0.7f),
            v => Rows([.. v[0].Select((e, i) => (e + noise.Span<float>()[i]) / 0.7)]),
            [(GradientCheck.Normal(6, 2), [2, 3])]);
        float[] hard = Ops.GumbelSoftmax(Tensor.From([1f, 3f, 2f], [1, 3]), Ops.Zeros([1, 3]), hard: true).ToArray<float>();
        Assert.Equal([0f, 1f, 0f], hard);
    }

    [Theory]
    [InlineData(RopeLayout.Halves, true)]
    [InlineData(RopeLayout.Halves, false)]
    [InlineData(RopeLayout.Interleaved, true)]
    [InlineData(RopeLayout.InterleavedToHalves, false)]
    public void RopeTurnsPairs(RopeLayout layout, bool headsFirst)
    {
        const int Times = 3;
        const int Heads = 2;
        const int Channels = 10;
        float[] frequencies = [1f, 0.5f, 0.25f, 0.1f];
        Tensor positions = Tensor.From([0L, 3L, 7L, 2L, 5L, 6L], [2, Times]);
        (Tensor cos, Tensor sin) = Ops.RopeTables(positions, frequencies);
        GradientCheck.Run(
            t => Ops.Rope(t[0], cos, sin, layout, headsFirst),
            v =>
            {
                double[] y = [.. v[0]];
                for (int row = 0; row < 2 * Heads * Times; row++)
                {
                    int batch = row / (Heads * Times);
                    int time = headsFirst ? row % Times : row / Heads % Times;
                    for (int i = 0; i < 4; i++)
                    {
                        bool halves = layout == RopeLayout.Halves;
                        int a = (row * Channels) + (halves ? i : 2 * i);
                        int b = (row * Channels) + (halves ? i + 4 : (2 * i) + 1);
                        int toA = (row * Channels) + (layout == RopeLayout.Interleaved ? 2 * i : i);
                        int toB = (row * Channels) + (layout == RopeLayout.Interleaved ? (2 * i) + 1 : i + 4);
                        double angle = positions.Span<long>()[(batch * Times) + time] * (double)frequencies[i];
                        y[toA] = (v[0][a] * Math.Cos(angle)) - (v[0][b] * Math.Sin(angle));
                        y[toB] = (v[0][b] * Math.Cos(angle)) + (v[0][a] * Math.Sin(angle));
                    }
                }

                return y;
            },
            [(GradientCheck.Normal(2 * Heads * Times * Channels, 1), headsFirst ? [2, Heads, Times, Channels] : [2, Times, Heads, Channels])]);
    }

    [Fact]
    public void RopeTablesFollowTheAxisOfEachPair()
    {
        Tensor positions = Tensor.From([7L, 3L, 1L, 0L, 3L, 8L], [3, 2]);
        (Tensor cos, Tensor sin) = Ops.RopeTables(positions, [1f, 0.1f, 0.01f], [0, 1, 2], 2f);
        Assert.Equal(Shape.Create([2, 3]), cos.Shape);
        Assert.Equal((float)(2 * Math.Cos(7)), cos.Span<float>()[0], 1e-6);
        Assert.Equal((float)(2 * Math.Sin(0.1f)), sin.Span<float>()[1], 1e-6);
        Assert.Equal((float)(2 * Math.Sin(8 * 0.01f)), sin.Span<float>()[5], 1e-6);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.RopeTables(positions, [1f], [3]));
        Assert.Throws<ShapeException>(() => Ops.Rope(Ops.Ones([1, 2, 5, 4]), cos, sin));
    }

    private static double[] Norm(double[] x, double[]? weight, double[]? bias, int size, bool centered, double eps, double offset)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double[] row = x[(i / size * size)..((i / size * size) + size)];
            double mean = centered ? row.Average() : 0;
            double variance = row.Average(e => (e - mean) * (e - mean));
            double factor = weight is null ? 1 : weight[i % size] + offset;
            y[i] = ((x[i] - mean) / Math.Sqrt(variance + eps) * factor) + (bias is null ? 0 : bias[i % size]);
        }

        return y;
    }

    private static double[] Planes(double[][] v, int plane, Func<int, int> set, double eps)
    {
        ILookup<int, double> sets = v[0].Select((x, i) => (set(i), x)).ToLookup(p => p.Item1, p => p.x);
        var statistics = sets.ToDictionary(
            s => s.Key, s => (Mean: s.Average(), Variance: s.Average(e => (e - s.Average()) * (e - s.Average()))));
        return
        [
            .. v[0].Select((x, i) =>
                ((x - statistics[set(i)].Mean) / Math.Sqrt(statistics[set(i)].Variance + eps) * v[1][i / plane % 4]) + v[2][i / plane % 4]),
        ];
    }
}
