using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class ReductionOpTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void AlongAnAxis(int axis)
    {
        int[] shape = [3, 5, 4];
        float[] x = GradientCheck.Normal(60, 7);
        (float[], int[])[] input = [(x, shape)];
        GradientCheck.Run(t => Ops.Sum(t[0], axis), v => Reduce(v[0], shape, axis, r => r.Sum()), input);
        GradientCheck.Run(t => Ops.Mean(t[0], axis, keepAxis: true), v => Reduce(v[0], shape, axis, r => r.Average()), input);
        GradientCheck.Run(t => Ops.Variance(t[0], [axis]), v => Reduce(v[0], shape, axis, r => Variance(r, 1)), input);
        GradientCheck.Run(
            t => Ops.StandardDeviation(t[0], [axis], 0), v => Reduce(v[0], shape, axis, r => Math.Sqrt(Variance(r, 0))), input);
        GradientCheck.Run(t => Ops.Product(t[0], axis), v => Reduce(v[0], shape, axis, r => r.Aggregate(1.0, (a, b) => a * b)), input);
        GradientCheck.Run(
            t => Ops.LogSumExp(t[0], axis), v => Reduce(v[0], shape, axis, r => Math.Log(r.Sum(e => Math.Exp(e)))), input);
        GradientCheck.Run(t => Ops.AMax(t[0], axis), v => Reduce(v[0], shape, axis, r => r.Max()), input);
        GradientCheck.Run(t => Ops.AMin(t[0], axis), v => Reduce(v[0], shape, axis, r => r.Min()), input);
        GradientCheck.Run(t => Ops.Max(t[0], axis).Values, v => Reduce(v[0], shape, axis, r => r.Max()), input);
        foreach (float p in new[] { 1f, 2f, 3f, float.PositiveInfinity })
        {
            GradientCheck.Run(
                t => Ops.Norm(t[0], axis, p),
                v => Reduce(v[0], shape, axis, r => float.IsInfinity(p)
                    ? r.Max(Math.Abs)
                    : Math.Pow(r.Sum(e => Math.Pow(Math.Abs(e), p)), 1 / p)),
                input);
        }

        GradientCheck.Run(t => Ops.CumulativeSum(t[0], axis), v => Scan(v[0], shape, axis, 0, (a, b) => a + b), input);
        GradientCheck.Run(t => Ops.CumulativeProduct(t[0], axis), v => Scan(v[0], shape, axis, 1, (a, b) => a * b), input);
        GradientCheck.Run(
            t => Ops.TopK(t[0], 3, axis).Values,
            v => Transposed(v[0], shape, axis, r => [.. r.OrderDescending().Take(3)]), input);
        GradientCheck.Run(t => Ops.Sort(t[0], axis).Values, v => Transposed(v[0], shape, axis, r => [.. r.Order()]), input);
        GradientCheck.Run(t => Ops.L2Normalize(t[0], axis), v => Transposed(v[0], shape, axis, Normalized), input);
        GradientCheck.Run(t => Ops.Softmax(t[0], axis), v => Transposed(v[0], shape, axis, Softmax), input);
        GradientCheck.Run(
            t => Ops.LogSoftmax(t[0], axis), v => Transposed(v[0], shape, axis, r => [.. Softmax(r).Select(e => Math.Log(e))]), input);
        long[] places = Ops.ArgMax(Tensor.From(x, Shape.Create(shape)), axis).ToArray<long>();
        Assert.Equal(
            Reduce([.. x.Select(e => (double)e)], shape, axis, r => Array.IndexOf(r, r.Max())), places.Select(e => (double)e));
    }

    [Fact]
    public void OverSeveralAxes()
    {
        int[] shape = [2, 3, 4, 5];
        (float[], int[])[] input = [(GradientCheck.Normal(120, 9), shape)];
        GradientCheck.Run(t => Ops.Sum(t[0]), v => [v[0].Sum()], input);
        GradientCheck.Run(t => Ops.Mean(t[0]), v => [v[0].Average()], input);
        GradientCheck.Run(
            t => Ops.Sum(t[0], [0, 2]),
            v => [.. Enumerable.Range(0, 15).Select(o => v[0].Where((_, i) => (i / 20 % 3 * 5) + (i % 5) == o).Sum())], input);
        GradientCheck.Run(
            t => Ops.Variance(t[0], [1, -1], 0, keepAxes: true),
            v => [.. Enumerable.Range(0, 8).Select(o => Variance([.. v[0].Where((_, i) => (i / 60 * 4) + (i / 5 % 4) == o)], 0))], input);
        Assert.Equal(Shape.Create([2, 1, 4, 1]), Ops.Sum(Tensor.From(input[0].Item1, Shape.Create(shape)), [1, 3], keepAxes: true).Shape);
        Assert.Throws<ShapeException>(() => Ops.Sum(Tensor.From(input[0].Item1, Shape.Create(shape)), 4));
    }

    [Fact]
    public void ProductsWithZeros()
    {
        foreach (float[] values in new float[][] { [2f, 0f, 3f], [0f, 0f, 3f], [1f, 2f, 4f] })
        {
            GradientCheck.Run(t => Ops.Product(t[0], 0), v => [v[0][0] * v[0][1] * v[0][2]], [(values, [3])]);
            GradientCheck.Run(
                t => Ops.CumulativeProduct(t[0], 0),
                v => [v[0][0], v[0][0] * v[0][1], v[0][0] * v[0][1] * v[0][2]], [(values, [3])]);
        }
    }

    [Fact]
    public void TiesNaNAndOrder()
    {
        Tensor x = Tensor.From([1f, 3f, 3f, 2f], [4]).RequireGrad();
        Gradients.Backward(Ops.AMax(x, 0), Tensor.From([1f], []));
        Assert.Equal([0f, 0.5f, 0.5f, 0f], x.Grad!.Value.ToArray<float>());
        Tensor y = Tensor.From([1f, 3f, 3f, 2f], [4]).RequireGrad();
        Gradients.Backward(Ops.Max(y, 0).Values, Tensor.From([1f], []));
        Assert.Equal([0f, 1f, 0f, 0f], y.Grad!.Value.ToArray<float>());
        Tensor z = Tensor.From([0f, float.NaN, -0f, float.PositiveInfinity, -1f, float.NegativeInfinity], [6]);
        Assert.Equal([5L, 4L, 0L, 2L, 3L, 1L], Ops.ArgSort(z).ToArray<long>());
        Assert.Equal([1L, 3L, 0L, 2L, 4L, 5L], Ops.ArgSort(z, descending: true).ToArray<long>());
        Assert.Equal([1L, 3L], Ops.TopK(z, 2).Indices.ToArray<long>());
        Assert.Equal([5L, 4L, 0L], Ops.TopK(z, 3, largest: false).Indices.ToArray<long>());
        Assert.Equal(1L, Ops.ArgMax(z).ToArray<long>()[0]);
        Assert.Equal(0L, Ops.ArgMax(Tensor.From([2f, 2f], [2])).ToArray<long>()[0]);
        Assert.Throws<ShapeException>(() => Ops.ArgMax(Ops.Zeros([2, 0])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.TopK(z, 7));
    }

    [Fact]
    public void LongSumsAreTheSameForEveryThreadCount()
    {
        Tensor x = Ops.RandomNormal([3000, 65], new RandomStream(3));
        float[] many = Ops.Sum(x, 0).ToArray<float>();
        Threading.WorkerPool.ThreadLimit = 1;
        float[] one = Ops.Sum(x, 0).ToArray<float>();
        Threading.WorkerPool.ThreadLimit = 0;
        Assert.Equal(many, one);
    }

    private static double Variance(double[] row, int correction)
    {
        double mean = row.Average();
        return row.Sum(e => (e - mean) * (e - mean)) / (row.Length - correction);
    }

    private static double[] Softmax(double[] row) => [.. row.Select(e => Math.Exp(e) / row.Sum(e => Math.Exp(e)))];

    private static double[] Normalized(double[] row) => [.. row.Select(e => e / Math.Sqrt(row.Sum(o => o * o)))];

    private static double[] Scan(double[] x, int[] shape, int axis, double start, Func<double, double, double> f) =>
        Transposed(x, shape, axis, r => [.. r.Select((_, i) => r.Take(i + 1).Aggregate(start, f))]);

    private static double[] Reduce(double[] x, int[] shape, int axis, Func<double[], double> f) =>
        Transposed(x, shape, axis, r => [f(r)]);

    /// <summary>Applies a function to every row along an axis, in place of the row.</summary>
    private static double[] Transposed(double[] x, int[] shape, int axis, Func<double[], double[]> f)
    {
        axis = axis < 0 ? axis + shape.Length : axis;
        int outer = shape[..axis].Aggregate(1, (a, b) => a * b);
        int size = shape[axis];
        int inner = shape[(axis + 1)..].Aggregate(1, (a, b) => a * b);
        var rows = new List<double[]>();
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                rows.Add(f([.. Enumerable.Range(0, size).Select(a => x[(((o * size) + a) * inner) + i])]));
            }
        }

        int length = rows[0].Length;
        double[] result = new double[outer * length * inner];
        for (int k = 0; k < result.Length; k++)
        {
            result[k] = rows[(k / (length * inner) * inner) + (k % inner)][k / inner % length];
        }

        return result;
    }
}
