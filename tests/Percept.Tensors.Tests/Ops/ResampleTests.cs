using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed class ResampleTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(ResampleMode.Linear, false, 7, 11)]
    [InlineData(ResampleMode.Linear, true, 7, 11)]
    [InlineData(ResampleMode.Linear, false, 9, 4)]
    [InlineData(ResampleMode.Linear, true, 9, 1)]
    [InlineData(ResampleMode.Cubic, false, 7, 11)]
    [InlineData(ResampleMode.Cubic, true, 7, 17)]
    [InlineData(ResampleMode.Cubic, false, 2, 5)]
    [InlineData(ResampleMode.Cubic, false, 33, 8)]
    [InlineData(ResampleMode.Cubic, false, 1, 3)]
    [InlineData(ResampleMode.Nearest, false, 7, 15)]
    [InlineData(ResampleMode.NearestExact, false, 15, 7)]
    [InlineData(ResampleMode.NearestExact, false, 5, 16)]
    public void PointwiseModesMatchTheReference(ResampleMode mode, bool align, int size, int count)
    {
        var options = new ResampleOptions { Mode = mode, AlignCorners = align };
        GradientCheck.Run(
            t => Ops.Interpolate(t[0], (3, count), options),
            v => Last(v[0], 2 * 3, size, count, mode, align),
            [ConvolutionTests.Values([1, 2, 3, size], 1)]);

    }

    [Theory]
    [InlineData(ResampleMode.Linear, 9, 4)]
    [InlineData(ResampleMode.Linear, 5, 11)]
    [InlineData(ResampleMode.Cubic, 16, 7)]
    [InlineData(ResampleMode.Cubic, 5, 8)]
    [InlineData(ResampleMode.Cubic, 64, 3)]
    public void AntialiasingWeighsAWideWindow(ResampleMode mode, int size, int count)
    {
        var options = new ResampleOptions { Mode = mode, Antialias = true };
        GradientCheck.Run(
            t => Ops.Interpolate(t[0], (count, 5), options),
            v => Transpose(Wide(Transpose(v[0], 2, size, 5), 2 * 5, size, count, mode), 2, 5, count),
            [ConvolutionTests.Values([1, 2, size, 5], 1)]);
    }

    [Fact]
    public void AGivenFactorMapsCoordinates()
    {
        Tensor x = Ops.Reshape(Ops.Arange(5), [1, 1, 5]);
        var linear = new ResampleOptions { Mode = ResampleMode.Linear };
        float[] kept = Ops.Interpolate(x, [1.7], linear).ToArray<float>();
        float[] recomputed = Ops.Interpolate(x, [1.7], linear with { RecomputeScaleFactor = true }).ToArray<float>();
        Assert.Equal(8, kept.Length);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(Math.Clamp(((i + 0.5) / 1.7) - 0.5, 0, 4), kept[i], 1e-5);
            Assert.Equal(Math.Clamp(((i + 0.5) * 5 / 8) - 0.5, 0, 4), recomputed[i], 1e-5);
        }
    }

    [Fact]
    public void ThreeAxesAndArea()
    {
        Tensor x = Ops.Reshape(Ops.Arange(8), [1, 1, 2, 2, 2]);
        var linear = new ResampleOptions { Mode = ResampleMode.Linear, AlignCorners = true };
        float[] y = Ops.Interpolate(x, 3, linear).ToArray<float>();
        Assert.Equal(27, y.Length);
        for (int i = 0; i < 27; i++)
        {
            Assert.Equal((i / 9 * 2f) + (i / 3 % 3) + (i % 3 * 0.5f), y[i], 1e-5f);
        }

        var area = new ResampleOptions { Mode = ResampleMode.Area };
        Assert.Equal([1.5f, 5.5f], Ops.Interpolate(x, (2, 1, 1), area).ToArray<float>());
    }

    [Fact]
    public unsafe void KernelsMatchTheScalarTwin()
    {
        foreach (int inner in new[] { 1, 3, 8, 17, 64, 257 })
        {
            var options = new ResampleOptions { Mode = ResampleMode.Cubic, Antialias = true };
            float[] x = GradientCheck.Normal(3 * 13 * inner, 5), got = new float[3 * 6 * inner], want = new float[3 * 6 * inner];
            int width = ResampleTable.WidthOf(options, 13.0 / 6);
            byte[] memory = new byte[ResampleTable.Bytes(6, width)];
            fixed (byte* m = memory)
            {
                ResampleTable table = ResampleTable.At(m, 6, width);
                table.Fill(options, 13, 13.0 / 6);
                fixed (float* from = x, a = got, b = want)
                {
                    ResampleKernels.Run(table, from, a, 3, 13, inner);
                    ResampleKernels.RunScalar(table, from, b, 3, 13, inner);
                }
            }

            GradientCheck.AssertClose([.. want.Select(v => (double)v)], got, 2e-6, $"inner {inner}");
        }
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor x = Ops.Zeros([1, 2, 4, 4]);
        Assert.Throws<ArgumentException>(() => Ops.Interpolate(x, default(SpatialSize)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Interpolate(x, 0));
        Assert.Throws<ArgumentException>(() => Ops.Interpolate(x, (1, 2, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Interpolate(x, [-1.0]));
        Assert.Throws<ShapeException>(() => Ops.Interpolate(x, [0.1]));
        Assert.Throws<ArgumentException>(() => Ops.Interpolate(x, 3, new ResampleOptions { Mode = ResampleMode.Area, Antialias = true }));
        Assert.Throws<ShapeException>(() => Ops.Interpolate(Ops.Zeros([1, 2, 0]), 3));
        Assert.Equal(0, Ops.Interpolate(Ops.Zeros([0, 2, 4]), 3).Count);
    }

    private static double[] Last(double[] x, int lines, int size, int count, ResampleMode mode, bool align)
    {
        double[] y = new double[lines * count];
        double scale = align ? count > 1 ? (size - 1.0) / (count - 1) : 0 : (double)size / count;
        for (int o = 0; o < y.Length; o++)
        {
            int line = o / count, i = o % count;
            if (mode is ResampleMode.Nearest or ResampleMode.NearestExact)
            {
                int at = (int)Math.Floor(mode == ResampleMode.Nearest ? i * scale : (i + 0.5) * scale);
                y[o] = x[(line * size) + Math.Min(at, size - 1)];
                continue;
            }

            double source = align ? i * scale : ((i + 0.5) * scale) - 0.5;
            if (mode == ResampleMode.Linear)
            {
                source = Math.Clamp(source, 0, size - 1);
            }

            int floor = (int)Math.Floor(source);
            double t = source - floor;
            int taps = mode == ResampleMode.Linear ? 2 : 4;
            for (int j = 0; j < taps; j++)
            {
                int place = Math.Clamp(taps == 2 ? floor + j : floor - 1 + j, 0, size - 1);
                double weight = taps == 2 ? j == 0 ? 1 - t : t : Keys(Math.Abs(t - (j - 1)), -0.75);
                y[o] += weight * x[(line * size) + place];
            }
        }

        return y;
    }

    private static double[] Wide(double[] x, int lines, int size, int count, ResampleMode mode)
    {
        double[] y = new double[lines * count];
        double scale = (double)size / count, stretch = Math.Max(scale, 1), half = mode == ResampleMode.Linear ? 1 : 2;
        for (int o = 0; o < y.Length; o++)
        {
            double centre = scale * ((o % count) + 0.5), total = 0, sum = 0;
            for (int j = 0; j < size; j++)
            {
                double distance = Math.Abs(j + 0.5 - centre) / stretch;
                double weight = distance >= half ? 0 : half == 1 ? 1 - distance : Keys(distance, -0.5);
                total += weight;
                sum += weight * x[(o / count * size) + j];
            }

            y[o] = sum / total;
        }

        return y;
    }

    private static double Keys(double x, double a) => x <= 1
        ? ((a + 2) * x * x * x) - ((a + 3) * x * x) + 1
        : x < 2 ? (a * x * x * x) - (5 * a * x * x) + (8 * a * x) - (4 * a) : 0;

    private static double[] Transpose(double[] x, int planes, int rows, int columns)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int plane = i / (rows * columns), r = i / columns % rows, c = i % columns;
            y[(((plane * columns) + c) * rows) + r] = x[i];
        }

        return y;
    }
}
