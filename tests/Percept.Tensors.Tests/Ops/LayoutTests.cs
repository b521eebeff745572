using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class LayoutTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(new[] { 3, 5 }, new[] { 1, 0 })]
    [InlineData(new[] { 33, 17, 9 }, new[] { 2, 0, 1 })]
    [InlineData(new[] { 2, 3, 4, 5 }, new[] { 0, 2, 1, 3 })]
    [InlineData(new[] { 2, 3, 4, 5 }, new[] { 3, 1, -2, 0 })]
    [InlineData(new[] { 257, 64 }, new[] { 1, 0 })]
    [InlineData(new[] { 2, 1, 3, 1, 5, 2, 2 }, new[] { 4, 6, 0, 5, 2, 3, 1 })]
    [InlineData(new[] { 3, 0, 2 }, new[] { 1, 2, 0 })]
    public void PermuteMovesEveryElement(int[] shape, int[] order)
    {
        int[] axes = [.. order.Select(a => a < 0 ? a + shape.Length : a)];
        GradientCheck.Run(t => Ops.Permute(t[0], order), v => Reference(v[0]), [ConvolutionTests.Values(shape, 1)], probes: 6);

        foreach (DType type in new[] { DType.U8, DType.F16, DType.I64 })
        {
            int width = type.BlockBytes(), count = shape.Aggregate(1, (a, b) => a * b);
            byte[] bytes = new byte[count * width];
            for (int i = 0; i < count; i++)
            {
                bytes[i * width] = (byte)i;
                bytes[(i * width) + width - 1] += (byte)(i >> 8);
            }

            Tensor moved = Ops.Permute(Tensor.FromBytes(bytes, Shape.Create(shape), type), order);
            Tensor back = Ops.Permute(moved, [.. Enumerable.Range(0, axes.Length).Select(i => Array.IndexOf(axes, i))]);
            Assert.Equal(bytes, back.Bytes().ToArray());
        }

        double[] Reference(double[] x)
        {
            double[] y = new double[x.Length];
            int[] sizes = [.. axes.Select(a => shape[a])];
            for (int i = 0; i < y.Length; i++)
            {
                int from = 0, rest = i;
                for (int a = axes.Length - 1; a >= 0; a--)
                {
                    from += rest % sizes[a] * shape.Skip(axes[a] + 1).Aggregate(1, (p, q) => p * q);
                    rest /= sizes[a];
                }

                y[i] = x[from];
            }

            return y;
        }
    }

    [Fact]
    public void StridedCopiesMatchTheScalarTwin()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 60; trial++)
        {
            StridedAxes axes = default;
            int rank = random.Next(1, 5), to = 1;
            int[] sizes = new int[rank], order = [.. Enumerable.Range(0, rank)];
            random.Shuffle(order);
            long[] strides = new long[rank];
            foreach (int axis in order)
            {
                sizes[axis] = random.Next(1, trial % 3 == 0 ? 40 : 9);
                strides[axis] = to;
                to *= sizes[axis];
            }

            long from = 1;
            for (int i = rank - 1; i >= 0; i--)
            {
                axes.Add(sizes[i], random.Next(5) == 0 ? 0 : from, strides[i]);
                from *= sizes[i];
            }

            int[] source = [.. Enumerable.Range(0, to)], got = new int[to], want = new int[to];
            fixed (int* s = source, g = got, w = want)
            {
                StridedKernels.Copy(s, g, axes);
                StridedKernels.CopyScalar(s, w, axes);
            }

            Assert.Equal(want, got);
        }
    }

    [Fact]
    public void SlicesFollowPython()
    {
        Tensor x = Ops.Reshape(Ops.Arange(12), [3, 4]);
        Assert.Equal([1f, 3f, 5f, 7f, 9f, 11f], Ops.Slice(x, 1, 1, step: 2).ToArray<float>());
        Assert.Equal([4f, 5f, 6f, 7f], Ops.Slice(x, 0, -2, -1).ToArray<float>());
        Assert.Equal(0, Ops.Slice(x, 0, 2, 1).Count);
        Assert.Equal([8f, 9f, 10f, 11f], Ops.Narrow(x, 0, 2, 1).ToArray<float>());
        Assert.Throws<ShapeException>(() => Ops.Narrow(x, 0, 2, 2));
        Assert.Throws<ShapeException>(() => Ops.Narrow(x, 2, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Slice(x, 0, 0, 1, 0));
        GradientCheck.Run(
            t => Ops.Concat([Ops.Slice(t[0], 1, 1, 7, 3), Ops.Slice(t[0], 1, -3), Ops.Narrow(t[0], 1, 2, 2)], 1),
            v => Pick(v[0], 5, 8, [1, 4, 5, 6, 7, 2, 3]),
            [ConvolutionTests.Values([5, 8], 3)]);
    }

    [Fact]
    public void JoinedAndTakenApart()
    {
        GradientCheck.Run(
            t => Ops.Concat([t[0], t[1], t[0]], 1),
            v => [.. Enumerable.Range(0, 2).SelectMany(r => (double[])[.. Row(v[0], r, 6), .. Row(v[1], r, 9), .. Row(v[0], r, 6)])],
            [ConvolutionTests.Values([2, 2, 3], 1), ConvolutionTests.Values([2, 3, 3], 2)]);
        GradientCheck.Run(
            t => Ops.Stack([t[0], t[1]], -1),
            v => [.. v[0].Zip(v[1]).SelectMany(p => (double[])[p.First, p.Second])],
            [ConvolutionTests.Values([3, 5], 1), ConvolutionTests.Values([3, 5], 2)]);
        GradientCheck.Run(
            t =>
            {
                Tensor[] parts = Ops.Split(t[0], [1, 0, 3, 2], -1);
                return Ops.Concat([parts[2], parts[0], parts[1]], -1);
            },
            v => Pick(v[0], 4, 6, [1, 2, 3, 0]),
            [ConvolutionTests.Values([4, 6], 3)]);
        Assert.Equal([3, 3, 1], Ops.Chunk(Ops.Zeros([7]), 3, 0).Select(p => p.Shape[0]));
        Assert.Throws<ShapeException>(() => Ops.Split(Ops.Zeros([7]), [3, 3], 0));
        Assert.Throws<ShapeException>(() => Ops.Concat([Ops.Zeros([2, 3]), Ops.Zeros([3, 3])], 1));
        Assert.Throws<DTypeException>(() => Ops.Concat([Ops.Zeros([2]), Ops.Zeros([2], DType.I64)], 0));
        Tensor ids = Ops.Concat([Tensor.From([1L, 2L], [2]), Tensor.From([3L], [1])], 0);
        Assert.Equal([1L, 2L, 3L], ids.ToArray<long>());
        Assert.Equal([1f, 2f], Ops.Stack([Tensor.From([1f], []), Tensor.From([2f], [])], 0).ToArray<float>());
        Assert.Equal<Shape>([0, 5], Ops.Concat([Ops.Zeros([0, 2]), Ops.Zeros([0, 3])], 1).Shape);
    }

    [Fact]
    public void RepetitionsAddUpTheirGradients()
    {
        (float[], int[])[] inputs = [ConvolutionTests.Values([2, 3], 1)];
        GradientCheck.Run(t => Ops.Repeat(t[0], 2, 1, 2), v => [.. Twice(v[0]), .. Twice(v[0])], inputs);
        GradientCheck.Run(
            t => Ops.RepeatInterleave(t[0], 3, 1), v => [.. v[0].SelectMany(a => (double[])[a, a, a])], inputs);
        GradientCheck.Run(
            t => Ops.RepeatInterleave(t[0], [2, 0, 1], 1), v => Pick(v[0], 2, 3, [0, 0, 2]), inputs);
        GradientCheck.Run(
            t => Ops.BroadcastTo(t[0], [4, 5, 3]),
            v => [.. Enumerable.Range(0, 60).Select(i => v[0][i % 3])],
            [ConvolutionTests.Values([1, 3], 1)]);
        GradientCheck.Run(
            t => Ops.Expand(t[0], 2, -1, 33),
            v => [.. Enumerable.Range(0, 2 * 7 * 33).Select(i => v[0][i / 33 % 7])],
            [ConvolutionTests.Values([7, 1], 1)]);
        Assert.Throws<ShapeException>(() => Ops.BroadcastTo(Ops.Zeros([2]), [3]));
        Assert.Throws<ArgumentException>(() => Ops.Repeat(Ops.Zeros([2, 2]), 2));

        static double[] Twice(double[] x) => [.. Row(x, 0, 3), .. Row(x, 0, 3), .. Row(x, 1, 3), .. Row(x, 1, 3)];
    }

    [Fact]
    public void TurnsAndShifts()
    {
        (float[], int[])[] inputs = [ConvolutionTests.Values([2, 3, 5], 1)];
        GradientCheck.Run(
            t => Ops.Flip(t[0], 0, -1),
            v => [.. Enumerable.Range(0, 30).Select(i => v[0][((1 - (i / 15)) * 15) + (i / 5 % 3 * 5) + 4 - (i % 5)])],
            inputs);
        GradientCheck.Run(
            t => Ops.Roll(t[0], [-1, 7], [1, 2]),
            v => [.. Enumerable.Range(0, 30).Select(i => v[0][(i / 15 * 15) + (((i / 5 % 3) + 1) % 3 * 5) + (((i % 5) + 3) % 5)])],
            inputs);
        GradientCheck.Run(
            t => Ops.Tril(t[0], -1),
            v => [.. Enumerable.Range(0, 30).Select(i => i % 5 <= (i / 5 % 3) - 1 ? v[0][i] : 0)],
            inputs);
        GradientCheck.Run(
            t => Ops.Triu(t[0], 2),
            v => [.. Enumerable.Range(0, 30).Select(i => i % 5 >= (i / 5 % 3) + 2 ? v[0][i] : 0)],
            inputs);
        Assert.Equal(0, Ops.Roll(Ops.Zeros([0, 3]), 1, 0).Count);
        Assert.Throws<ArgumentException>(() => Ops.Flip(Ops.Zeros([2, 2]), 0, -2));
    }

    [Theory]
    [InlineData(PadMode.Constant)]
    [InlineData(PadMode.Reflect)]
    [InlineData(PadMode.Replicate)]
    [InlineData(PadMode.Circular)]
    public void PaddingReadsTheRightPlaces(PadMode mode)
    {
        int[] pad = [3, 1, 2, 0];
        GradientCheck.Run(
            t => Ops.Pad(t[0], pad, mode, 0.5f),
            v =>
            {
                double[] y = new double[2 * 6 * 9];
                for (int i = 0; i < y.Length; i++)
                {
                    int r = Place((i / 9 % 6) - 2, 4), c = Place((i % 9) - 3, 5);
                    y[i] = r < 0 || c < 0 ? 0.5 : v[0][(i / 54 * 20) + (r * 5) + c];
                }

                return y;
            },
            [ConvolutionTests.Values([2, 4, 5], 1)]);

        int Place(int at, int size) => mode switch
        {
            PadMode.Reflect => at < 0 ? -at : at >= size ? (2 * size) - 2 - at : at,
            PadMode.Replicate => Math.Clamp(at, 0, size - 1),
            PadMode.Circular => ((at % size) + size) % size,
            _ => at < 0 || at >= size ? -1 : at,
        };
    }

    [Fact]
    public void PaddingCutsAndRefuses()
    {
        Tensor x = Ops.Reshape(Ops.Arange(6), [2, 3]);
        Assert.Equal([1f, 2f, 9f, 4f, 5f, 9f], Ops.Pad(x, [-1, 1], value: 9f).ToArray<float>());
        GradientCheck.Run(
            t => Ops.Pad(t[0], [-1, -1]), v => Pick(v[0], 2, 5, [1, 2, 3]), [ConvolutionTests.Values([2, 5], 1)]);
        Tensor mask = Ops.Pad(Tensor.From([true], [1]), [1, 0], value: 1f);
        Assert.Equal(DType.Bool, mask.DType);
        Assert.Equal([true, true], mask.ToArray<bool>());
        Assert.Equal([-1L, 5L], Ops.Pad(Tensor.From([5L], [1]), [1, 0], value: -1f).ToArray<long>());
        Assert.Throws<ShapeException>(() => Ops.Pad(x, [3, 0], PadMode.Reflect));
        Assert.Throws<ShapeException>(() => Ops.Pad(x, [4, 0], PadMode.Circular));
        Assert.Throws<ArgumentException>(() => Ops.Pad(x, [1]));
        Assert.Throws<ShapeException>(() => Ops.Pad(x, [-2, -2]));
        Assert.Throws<DTypeException>(() => Ops.Pad(Ops.Zeros([32], DType.Q8_0), [1, 1]));
    }

    [Fact]
    public void PatchesAndWindowsGoThereAndBack()
    {
        Tensor x = Ops.Reshape(Ops.Arange(2 * 3 * 4 * 6), [2, 3, 4, 6]);
        float[] values = x.ToArray<float>();
        Assert.Equal(values, Ops.PixelUnshuffle(Ops.PixelShuffle(Ops.Reshape(x, [1, 12, 3, 4]), 2), 2).ToArray<float>());
        Assert.Equal([0f, 12f, 1f, 13f], Ops.PixelShuffle(Ops.Reshape(x, [1, 12, 3, 4]), 2).ToArray<float>()[..4]);
        foreach (PatchOrder order in Enum.GetValues<PatchOrder>())
        {
            Assert.Equal(values, Ops.Unpatchify(Ops.Patchify(x, 2, order), 2, 4, 6, order).ToArray<float>());
        }

        Assert.Equal([0f, 1f, 6f, 7f], Ops.Patchify(x, 2).ToArray<float>()[..4]);
        Assert.Equal([0f, 24f, 48f, 1f], Ops.Patchify(x, 2, PatchOrder.RowColumnChannel).ToArray<float>()[..4]);
        Tensor picture = Ops.Reshape(x, [2, 4, 6, 3]);
        Tensor windows = Ops.WindowPartition(picture, 2, 1);
        Assert.Equal<Shape>([12, 2, 2, 3], windows.Shape);
        Assert.Equal(values[21], windows.ToArray<float>()[0]);
        Assert.Equal(values, Ops.WindowReverse(windows, 2, 4, 6, 1).ToArray<float>());
        float[] mask = Ops.ShiftedWindowMask(4, 4, 2, 1).ToArray<float>();
        Assert.All(mask[..16], m => Assert.Equal(0f, m));
        Assert.Equal(0f, mask[48]);
        Assert.Equal([-100f, -100f, -100f], mask[49..52]);
        Assert.Throws<ShapeException>(() => Ops.Patchify(x, 5));
        Assert.Throws<ShapeException>(() => Ops.PixelShuffle(x, 2));
        Assert.Throws<ShapeException>(() => Ops.WindowReverse(windows, 2, 6, 6));
    }

    internal static double[] Pick(double[] x, int rows, int columns, int[] picked) =>
        [.. Enumerable.Range(0, rows).SelectMany(r => picked.Select(c => x[(r * columns) + c]))];

    private static double[] Row(double[] x, int row, int length) => x[(row * length)..((row + 1) * length)];
}
