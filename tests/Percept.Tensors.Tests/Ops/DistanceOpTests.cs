using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class DistanceOpTests
{
    [Fact]
    public void SimilaritiesAndDistancesMatchTheirDefinitions()
    {
        (float[], int[])[] pair = [(GradientCheck.Normal(35, 51), [5, 7]), (GradientCheck.Normal(35, 52), [5, 7])];
        GradientCheck.Run(t => Ops.CosineSimilarity(t[0], t[1]), v => [.. Rows(v[0]).Zip(Rows(v[1]), Cosine)], pair);
        GradientCheck.Run(
            t => Ops.PairwiseDistance(t[0], t[1]), v => [.. Rows(v[0]).Zip(Rows(v[1]), (a, b) => Distance(a, b, 1e-6))], pair);
        GradientCheck.Run(
            t => Ops.PairDistances(Ops.Reshape(t[0], [1, 5, 7]), Ops.Reshape(t[1], [1, 5, 7])),
            v => [.. Rows(v[0]).SelectMany(a => Rows(v[1]).Select(b => Distance(a, b, 0)))],
            pair);
    }

    [Fact]
    public void MarginLossesMatchTheirDefinitions()
    {
        float[] target = [1, -1, -1, 1, -1];
        (float[], int[])[] pair = [(GradientCheck.Normal(35, 53), [5, 7]), (GradientCheck.Normal(35, 54), [5, 7])];
        GradientCheck.Run(
            t => Ops.CosineEmbeddingLoss(t[0], t[1], Tensor.From(target, [5]), 0.1f),
            v => [Rows(v[0]).Zip(Rows(v[1]), Cosine).Select((c, i) => target[i] > 0 ? 1 - c : Math.Max(0, c - 0.1)).Average()],
            pair);
        GradientCheck.Run(
            t => Ops.MarginRankingLoss(t[0], t[1], Tensor.From(target, [5]), 0.2f),
            v => [v[0].Select((a, i) => Math.Max(0, (-target[i] * (a - v[1][i])) + 0.2)).Average()],
            [(GradientCheck.Normal(5, 55), [5]), (GradientCheck.Normal(5, 56), [5])]);
        GradientCheck.Run(
            t => Ops.TripletMarginLoss(t[0], t[1], t[2]),
            v => [Rows(v[0]).Select((a, i) => Math.Max(
                0, Distance(a, Rows(v[1]).ElementAt(i), 1e-6) - Distance(a, Rows(v[2]).ElementAt(i), 1e-6) + 1)).Average()],
            [.. pair, (GradientCheck.Normal(35, 57), [5, 7])]);
    }

    [Fact]
    public void EqualRowsHaveNoGradient()
    {
        Tensor a = Tensor.From([1f, 2f], [1, 2]).RequireGrad();
        Autograd.Gradients.Backward(Ops.Reshape(Ops.PairDistances(a, Tensor.From([1f, 2f], [1, 2])), []));
        Assert.Equal([0f, 0f], a.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void BucketsAndSlopesAreThePublishedOnes()
    {
        Tensor positions = Tensor.From([-200, -20, -8, -3, 0, 3, 8, 20, 200], [9]);
        Assert.Equal([15L, 10L, 8L, 3L, 0L, 19L, 24L, 26L, 31L], Ops.RelativeBuckets(positions, true).ToArray<long>());
        Assert.Equal([31L, 17L, 8L, 3L, 0L, 0L, 0L, 0L, 0L], Ops.RelativeBuckets(positions, false).ToArray<long>());
        Assert.Equal([0.25f, 0.0625f, 0.015625f, 0.00390625f, 0.5f, 0.125f], Ops.AlibiSlopes(6).ToArray<float>());
    }

    private static IEnumerable<double[]> Rows(double[] values) => values.Chunk(7);

    private static double Distance(double[] a, double[] b, double eps) => Math.Sqrt(a.Zip(b, (x, y) => Math.Pow(x - y + eps, 2)).Sum());

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));
}
