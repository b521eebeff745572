using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed class IndexTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void GatherAndScatterAlongEachAxis(int axis)
    {
        int[] shape = [3, 4, 5], small = [2, 3, 4];
        var random = new Random(axis);
        long[] index = [.. Enumerable.Range(0, 24).Select(_ => (long)random.Next(shape[axis]))];
        Tensor places = Tensor.From(index, Shape.Create(small));
        Tensor narrow = Tensor.From(index.Select(i => (int)i).ToArray(), Shape.Create(small));
        GradientCheck.Run(
            t => Ops.Gather(t[0], places, axis),
            v => [.. Enumerable.Range(0, 24).Select(i => v[0][Place(i)])],
            [ConvolutionTests.Values(shape, 1)]);
        GradientCheck.Run(
            t => Ops.ScatterAdd(t[0], narrow, t[1], axis),
            v =>
            {
                double[] y = [.. v[0]];
                for (int i = 0; i < 24; i++)
                {
                    y[Place(i)] += v[1][Linear(i, shape)];
                }

                return y;
            },
            [ConvolutionTests.Values(shape, 1), ConvolutionTests.Values(shape, 2)]);

        // Places that differ, so that the result is defined.
        long[] unique = [.. Enumerable.Range(0, 24).Select(i => (long)((Coordinate(i, axis) + 1) % shape[axis]))];
        index = unique;
        Tensor apart = Tensor.From(unique, Shape.Create(small));
        GradientCheck.Run(
            t => Ops.Scatter(t[0], apart, t[1], axis),
            v =>
            {
                double[] y = [.. v[0]];
                for (int i = 0; i < 24; i++)
                {
                    y[Place(i)] = v[1][i];
                }

                return y;
            },
            [ConvolutionTests.Values(shape, 1), ConvolutionTests.Values(small, 2)]);

        int Coordinate(int i, int a) => a == 0 ? i / 12 : a == 1 ? i / 4 % 3 : i % 4;

        int Place(int i)
        {
            int place = 0;
            for (int a = 0; a < 3; a++)
            {
                place = (place * shape[a]) + (a == axis ? (int)index[i] : Coordinate(i, a));
            }

            return place;
        }

        int Linear(int i, int[] sizes) => (((Coordinate(i, 0) * sizes[1]) + Coordinate(i, 1)) * sizes[2]) + Coordinate(i, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    [InlineData(257)]
    public void RowsByNumber(int width)
    {
        int[] numbers = [2, 0, 2, 2, 1];
        Tensor index = Tensor.From(numbers, [5]);
        GradientCheck.Run(
            t => Ops.IndexSelect(t[0], index, 1),
            v => [.. Enumerable.Range(0, 2).SelectMany(o => numbers.SelectMany(r => Row(v[0], (o * 3) + r)))],
            [ConvolutionTests.Values([2, 3, width], 1)]);
        GradientCheck.Run(
            t => Ops.IndexAdd(t[0], index, t[1], 1, 0.5f),
            v =>
            {
                double[] y = [.. v[0]];
                for (int i = 0; i < v[1].Length; i++)
                {
                    int o = i / width / 5, r = numbers[i / width % 5];
                    y[(((o * 3) + r) * width) + (i % width)] += 0.5 * v[1][i];
                }

                return y;
            },
            [ConvolutionTests.Values([2, 3, width], 1), ConvolutionTests.Values([2, 5, width], 2)]);
        Tensor first = Tensor.From([1L, -1L, 0L], [3]), second = Tensor.From([2, 0, 2], [3]);
        GradientCheck.Run(
            t => Ops.Index(t[0], first, second),
            v => [.. Row(v[0], 5), .. Row(v[0], 3), .. Row(v[0], 2)],
            [ConvolutionTests.Values([2, 3, width], 1)]);

        double[] Row(double[] x, int row) => x[(row * width)..((row + 1) * width)];
    }

    [Fact]
    public void PlacesByMask()
    {
        bool[] places = [true, false, false, true, true, false];
        Tensor mask = Tensor.From(places, [2, 3]);
        GradientCheck.Run(
            t => Ops.MaskedScatter(t[0], mask, t[1]),
            v => [.. v[1][..4], .. v[0][4..12], .. v[1][4..12], .. v[0][20..]],
            [ConvolutionTests.Values([2, 3, 4], 1), ConvolutionTests.Values([5, 4], 2)]);
        GradientCheck.Run(
            t => Ops.MaskedScatter(t[0], mask.View([2, 3, 1]), t[1]),
            v => [.. v[1][..4], .. v[0][4..12], .. v[1][4..12], .. v[0][20..]],
            [ConvolutionTests.Values([2, 3, 4], 1), ConvolutionTests.Values([3, 4], 2)]);
        GradientCheck.Run(
            t => Ops.MaskedSelect(t[0], mask),
            v => [.. v[0][..4], .. v[0][12..20]],
            [ConvolutionTests.Values([2, 3, 4], 1)]);
        Assert.Equal<Shape>([3], Ops.MaskedSelect(Ops.Zeros([2, 3]), mask).Shape);
        Assert.Throws<ShapeException>(() => Ops.MaskedScatter(Ops.Zeros([2, 3, 4]), mask, Ops.Zeros([2, 4])));
        Assert.Throws<ShapeException>(() => Ops.MaskedSelect(Ops.Zeros([3, 2]), mask));
        Assert.Throws<DTypeException>(() => Ops.MaskedSelect(Ops.Zeros([2, 3]), Ops.Zeros([2, 3])));
    }

    [Fact]
    public void OtherTypesAndEmptyAxes()
    {
        Tensor ids = Tensor.From([10L, 20L, 30L, 40L], [2, 2]);
        Tensor one = Tensor.From([1, 0], [2]);
        Assert.Equal([30L, 40L, 10L, 20L], Ops.IndexSelect(ids, one, 0).ToArray<long>());
        Assert.Equal([20L, 30L], Ops.Gather(ids, Tensor.From([1L, 0L], [2, 1]), 1).ToArray<long>());
        Tensor flags = Ops.IndexSelect(Tensor.From([true, false, true], [3]), one, 0);
        Assert.Equal([false, true], flags.ToArray<bool>());
        Assert.Equal([0f, 1f, 0f, 1f, 0f, 0f], Ops.OneHot(one, 3).ToArray<float>());
        Assert.Equal([0L, 1L, 1L, 0L], Ops.OneHot(one, 2, DType.I64).ToArray<long>());
        Assert.Equal(0, Ops.IndexSelect(ids, Tensor.From(Array.Empty<int>(), [0]), 0).Count);
        Assert.Equal(0, Ops.Gather(Ops.Zeros([2, 0]), Ops.Zeros([2, 0], DType.I64), 1).Count);
        Assert.Equal(0, Ops.MaskedSelect(ids, Tensor.From(new bool[4], [2, 2])).Count);
    }

    [Fact]
    public void NumbersOutOfRangeAreRefused()
    {
        Tensor x = Ops.Zeros([2, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.IndexSelect(x, Tensor.From([3], [1]), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.IndexSelect(x, Tensor.From([-1L], [1]), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Gather(x, Tensor.From([5L], [1, 1]), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.ScatterAdd(x, Tensor.From([-2L], [1, 1]), Ops.Zeros([1, 1]), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Index(x, Tensor.From([-3], [1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.OneHot(Tensor.From([2], [1]), 2));
        Assert.Throws<ShapeException>(() => Ops.Gather(x, Tensor.From(new long[3], [3, 1]), 1));
        Assert.Throws<ShapeException>(() => Ops.Scatter(x, Tensor.From(new long[2], [2, 1]), Ops.Zeros([1, 1]), 1));
        Assert.Throws<DTypeException>(() => Ops.IndexSelect(x, Ops.Zeros([1]), 0));
    }
}
