using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed class SamplingTests : IDisposable
{
    public static TheoryData<GridSampleMode, GridPadding, bool> Settings
    {
        get
        {
            var data = new TheoryData<GridSampleMode, GridPadding, bool>();
            foreach (GridSampleMode mode in Enum.GetValues<GridSampleMode>())
            {
                foreach (GridPadding padding in Enum.GetValues<GridPadding>())
                {
                    data.Add(mode, padding, false);
                    data.Add(mode, padding, true);
                }
            }

            return data;
        }
    }

    public void Dispose() => Gradients.Discard();

    [Theory]
    [MemberData(nameof(Settings))]
    public void GridsMatchTheReference(GridSampleMode mode, GridPadding padding, bool align)
    {
        const int H = 5, W = 7, Points = 30;
        var options = new GridSampleOptions { Mode = mode, Padding = padding, AlignCorners = align };
        GradientCheck.Run(
            t => Ops.GridSample(t[0], t[1], options),
            v =>
            {
                double[] y = new double[2 * 3 * Points];
                for (int i = 0; i < y.Length; i++)
                {
                    int b = i / Points / 3, at = ((b * Points) + (i % Points)) * 2;
                    y[i] = Read(v[0].AsSpan(i / Points * H * W, H * W), v[1][at], v[1][at + 1]);
                }

                return y;
            },
            [ConvolutionTests.Values([2, 3, H, W], 1), (GradientCheck.Normal(2 * Points * 2, 2, 0.9f), [2, 5, 6, 2])],
            tolerance: 1e-3);

        double Read(Span<double> plane, double gx, double gy)
        {
            double x = Pixel(gx, W), y = Pixel(gy, H);
            if (mode != GridSampleMode.Bicubic)
            {
                x = Fold(x, W);
                y = Fold(y, H);
            }

            if (mode == GridSampleMode.Nearest)
            {
                return At(plane, (int)Math.Round(x), (int)Math.Round(y));
            }

            int fx = (int)Math.Floor(x), fy = (int)Math.Floor(y);
            int first = mode == GridSampleMode.Bilinear ? 0 : -1, last = mode == GridSampleMode.Bilinear ? 1 : 2;
            double sum = 0;
            for (int i = first; i <= last; i++)
            {
                for (int j = first; j <= last; j++)
                {
                    double place = At(plane, (int)Fold(fx + j, W), (int)Fold(fy + i, H));
                    sum += Weight(y - fy - i) * Weight(x - fx - j) * place;
                }
            }

            return sum;
        }

        double Pixel(double g, int size) => align ? (g + 1) / 2 * (size - 1) : (((g + 1) * size) - 1) / 2;

        double Fold(double at, int size)
        {
            if (padding == GridPadding.Zeros)
            {
                return at;
            }

            if (padding == GridPadding.Reflection)
            {
                double low = align ? 0 : -0.5, high = align ? size - 1 : size - 0.5, span = high - low;
                double rest = Math.Abs(at - low) % (2 * span);
                at = low + (rest > span ? (2 * span) - rest : rest);
            }

            return Math.Clamp(at, 0, size - 1);
        }

        double Weight(double d)
        {
            d = Math.Abs(d);
            return mode == GridSampleMode.Bilinear ? Math.Max(0, 1 - d)
                : d <= 1 ? (1.25 * d * d * d) - (2.25 * d * d) + 1
                : d < 2 ? -0.75 * ((d * d * d) - (5 * d * d) + (8 * d) - 4) : 0;
        }

        static double At(Span<double> plane, int x, int y) => x < 0 || y < 0 || x >= W || y >= H ? 0 : plane[(y * W) + x];
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void VolumesMatchTheReference(GridSampleMode mode, GridPadding padding, bool align)
    {
        const int D = 4, H = 5, W = 3, Points = 24;
        var options = new GridSampleOptions { Mode = mode, Padding = padding, AlignCorners = align };
        (float[], int[]) volumes = ConvolutionTests.Values([2, 3, D, H, W], 1);
        (float[], int[]) grid = (GradientCheck.Normal(2 * Points * 3, 2, 0.9f), [2, 2, 3, 4, 3]);
        if (mode == GridSampleMode.Bicubic)
        {
            Tensor input = Tensor.From(volumes.Item1, [2, 3, D, H, W]), points = Tensor.From(grid.Item1, [2, 2, 3, 4, 3]);
            Assert.Equal("options", Assert.Throws<ArgumentException>(() => Ops.GridSample(input, points, options)).ParamName);
            return;
        }

        GradientCheck.Run(
            t => Ops.GridSample(t[0], t[1], options),
            v =>
            {
                double[] y = new double[2 * 3 * Points];
                for (int i = 0; i < y.Length; i++)
                {
                    int b = i / Points / 3, at = ((b * Points) + (i % Points)) * 3;
                    y[i] = Read(v[0].AsSpan(i / Points * D * H * W, D * H * W), v[1].AsSpan(at, 3));
                }

                return y;
            },
            [volumes, grid],
            tolerance: 1e-3);

        double Read(Span<double> volume, Span<double> point)
        {
            int[] sizes = [W, H, D];
            double[] at = new double[3];
            for (int c = 0; c < 3; c++)
            {
                double place = align ? (point[c] + 1) / 2 * (sizes[c] - 1) : (((point[c] + 1) * sizes[c]) - 1) / 2;
                at[c] = Inside(place, sizes[c]);
            }

            if (mode == GridSampleMode.Nearest)
            {
                return At(volume, (int)Math.Round(at[0]), (int)Math.Round(at[1]), (int)Math.Round(at[2]));
            }

            double sum = 0;
            for (int corner = 0; corner < 8; corner++)
            {
                int x = (int)Math.Floor(at[0]) + (corner & 1), y = (int)Math.Floor(at[1]) + (corner >> 1 & 1);
                int z = (int)Math.Floor(at[2]) + (corner >> 2);
                sum += (1 - Math.Abs(at[0] - x)) * (1 - Math.Abs(at[1] - y)) * (1 - Math.Abs(at[2] - z)) * At(volume, x, y, z);
            }

            return sum;
        }

        double Inside(double at, int size)
        {
            if (padding == GridPadding.Reflection)
            {
                double low = align ? 0 : -0.5, span = align ? size - 1 : size, rest = Math.Abs(at - low) % (2 * span);
                at = low + (rest > span ? (2 * span) - rest : rest);
            }

            return padding == GridPadding.Zeros ? at : Math.Clamp(at, 0, size - 1);
        }

        static double At(Span<double> volume, int x, int y, int z) =>
            x < 0 || y < 0 || z < 0 || x >= W || y >= H || z >= D ? 0 : volume[(((z * H) + y) * W) + x];
    }

    [Fact]
    public void AffineMapsOfVolumesGiveGrids()
    {
        GradientCheck.Run(
            t => Ops.AffineGrid(t[0], 2, 3, 4),
            v => [.. Enumerable.Range(0, 2 * 24 * 3).Select(i =>
            {
                int p = i / 3 % 24, row = (i / 72 * 12) + (i % 3 * 4);
                double x = ((2 * (p % 4)) + 1) / 4.0 - 1, y = ((2 * (p / 4 % 3)) + 1) / 3.0 - 1, z = ((2 * (p / 12)) + 1) / 2.0 - 1;
                return (v[0][row] * x) + (v[0][row + 1] * y) + (v[0][row + 2] * z) + v[0][row + 3];
            })],
            [ConvolutionTests.Values([2, 3, 4], 1)]);
        Tensor identity = Tensor.From([1f, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], [1, 3, 4]);
        Tensor volume = Ops.Reshape(Ops.Arange(60), [1, 1, 3, 4, 5]);
        float[] same = Ops.GridSample(volume, Ops.AffineGrid(identity, 3, 4, 5)).ToArray<float>();
        GradientCheck.AssertClose([.. Enumerable.Range(0, 60).Select(i => (double)i)], same, 1e-5, "identity");
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void PointsFarAwayOrNotANumberReadNothingElse(GridSampleMode mode, GridPadding padding, bool align)
    {
        float[] far = [1e30f, -1e30f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0f, -1e9f, 1e9f];
        Tensor x = Ops.Ones([1, 1, 3, 4]).RequireGrad();
        Tensor grid = Tensor.From(far, [1, 1, 4, 2]).RequireGrad();
        Tensor y = Ops.GridSample(x, grid, new GridSampleOptions { Mode = mode, Padding = padding, AlignCorners = align });
        Gradients.Backward(y, Ops.Ones([1, 1, 1, 4]));
        Assert.NotNull(x.Grad);
    }

    [Fact]
    public void AffineMapsGiveGrids()
    {
        GradientCheck.Run(
            t => Ops.AffineGrid(t[0], 3, 4),
            v => [.. Enumerable.Range(0, 2 * 3 * 4 * 2).Select(i =>
            {
                double x = ((2 * (i / 2 % 4)) + 1) / 4.0 - 1, y = ((2 * (i / 8 % 3)) + 1) / 3.0 - 1;
                int row = (i / 24 * 6) + (i % 2 * 3);
                return (v[0][row] * x) + (v[0][row + 1] * y) + v[0][row + 2];
            })],
            [ConvolutionTests.Values([2, 2, 3], 1)]);
        Tensor identity = Tensor.From([1f, 0f, 0f, 0f, 1f, 0f], [1, 2, 3]);
        Assert.Equal([-1f, -1f, 1f, -1f, -1f, 1f, 1f, 1f], Ops.AffineGrid(identity, 2, 2, true).ToArray<float>());
        Tensor picture = Ops.Reshape(Ops.Arange(20), [1, 1, 4, 5]);
        float[] same = Ops.GridSample(picture, Ops.AffineGrid(identity, 4, 5)).ToArray<float>();
        GradientCheck.AssertClose([.. Enumerable.Range(0, 20).Select(i => (double)i)], same, 1e-6, "identity");
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    [InlineData(3, false)]
    public void RegionsMatchTheReference(int ratio, bool aligned)
    {
        float[] boxes = [0, 1, 1, 9, 7, 1, -4, -3, 5, 30, 1, 3, 3, 3.2f, 3.1f, 0, 40, 40, 50, 50, 0, 6, 6, 2, 2];
        var options = new RoiAlignOptions { OutputSize = (2, 3), SpatialScale = 0.5f, SamplingRatio = ratio, Aligned = aligned };
        GradientCheck.Run(
            t => Ops.RoiAlign(t[0], Tensor.From(boxes, [5, 5]), options),
            v => [.. Enumerable.Range(0, 5 * 3 * 6).Select(i => Bin(v[0], i / 18, i / 6 % 3, i / 3 % 2, i % 3))],
            [ConvolutionTests.Values([2, 3, 6, 8], 1)]);

        double Bin(double[] x, int box, int channel, int row, int column)
        {
            float[] b = boxes[(box * 5)..((box + 1) * 5)];
            double offset = aligned ? 0.5 : 0, left = (b[1] * 0.5) - offset, top = (b[2] * 0.5) - offset;
            double width = (b[3] * 0.5) - offset - left, height = (b[4] * 0.5) - offset - top;
            if (!aligned)
            {
                (width, height) = (Math.Max(width, 1), Math.Max(height, 1));
            }

            double binH = height / 2, binW = width / 3;
            int ny = ratio > 0 ? ratio : (int)Math.Ceiling(binH), nx = ratio > 0 ? ratio : (int)Math.Ceiling(binW);
            double sum = 0;
            for (int i = 0; i < ny; i++)
            {
                for (int j = 0; j < nx; j++)
                {
                    sum += Sample(x, (((int)b[0] * 3) + channel) * 48,
                        top + (row * binH) + ((i + 0.5) * binH / ny), left + (column * binW) + ((j + 0.5) * binW / nx));
                }
            }

            return sum / Math.Max(1, ny * nx);
        }

        static double Sample(double[] x, int plane, double y, double at)
        {
            if (y < -1 || y > 6 || at < -1 || at > 8)
            {
                return 0;
            }

            (y, at) = (Math.Clamp(y, 0, 5), Math.Clamp(at, 0, 7));
            int r = Math.Min((int)y, 5), c = Math.Min((int)at, 7), r1 = Math.Min(r + 1, 5), c1 = Math.Min(c + 1, 7);
            double ly = y - r, lx = at - c;
            return ((1 - ly) * (((1 - lx) * x[plane + (r * 8) + c]) + (lx * x[plane + (r * 8) + c1])))
                + (ly * (((1 - lx) * x[plane + (r1 * 8) + c]) + (lx * x[plane + (r1 * 8) + c1])));
        }
    }

    [Fact]
    public void ColumnsOfWindows()
    {
        var options = new UnfoldOptions { Kernel = (2, 3), Stride = (2, 1), Padding = (1, 0), Dilation = (1, 2) };
        const int H = 5, W = 8, OutH = 3, OutW = 4;
        double[] Unfold(double[] x)
        {
            double[] y = new double[2 * 3 * 6 * OutH * OutW];
            Each((from, to) => y[to] = x[from]);
            return y;
        }

        double[] Fold(double[] y)
        {
            double[] x = new double[2 * 3 * H * W];
            Each((from, to) => x[from] += y[to]);
            return x;
        }

        GradientCheck.Run(t => Ops.Unfold(t[0], options), v => Unfold(v[0]), [ConvolutionTests.Values([2, 3, H, W], 1)]);
        GradientCheck.Run(t => Ops.Fold(t[0], H, W, options), v => Fold(v[0]), [ConvolutionTests.Values([2, 18, 12], 1)]);
        Assert.Throws<ShapeException>(() => Ops.Fold(Ops.Zeros([1, 17, 12]), H, W, options));
        Assert.Throws<ShapeException>(() => Ops.Fold(Ops.Zeros([1, 18, 11]), H, W, options));
        Assert.Throws<ShapeException>(() => Ops.Unfold(Ops.Zeros([1, 1, 2, 2]), new UnfoldOptions { Kernel = 3 }));

        static void Each(Action<int, int> each)
        {
            for (int i = 0; i < 2 * 3 * 6 * OutH * OutW; i++)
            {
                int ow = i % OutW, oh = i / OutW % OutH, tap = i / (OutH * OutW) % 6, plane = i / (6 * OutH * OutW);
                int y = (oh * 2) - 1 + (tap / 3), x = ow + (tap % 3 * 2);
                if (y >= 0 && y < H && x < W)
                {
                    each((((plane * H) + y) * W) + x, i);
                }
            }
        }
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor x = Ops.Zeros([2, 3, 4, 4]);
        Assert.Throws<ShapeException>(() => Ops.GridSample(x, Ops.Zeros([1, 2, 2, 2])));
        Assert.Throws<ShapeException>(() => Ops.GridSample(Ops.Zeros([1, 1, 0, 4]), Ops.Zeros([1, 2, 2, 2])));
        Assert.Throws<ShapeException>(() => Ops.AffineGrid(Ops.Zeros([1, 2, 2]), 2, 2));
        var roi = new RoiAlignOptions { OutputSize = 2 };
        Assert.Equal(1f, roi.SpatialScale);
        Assert.Throws<ShapeException>(() => Ops.RoiAlign(x, Ops.Zeros([1, 4]), roi));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.RoiAlign(x, Tensor.From([2f, 0f, 0f, 1f, 1f], [1, 5]), roi));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.RoiAlign(x, Tensor.From([float.NaN, 0f, 0f, 1f, 1f], [1, 5]), roi));
        Assert.Equal(0, Ops.RoiAlign(x, Ops.Zeros([0, 5]), roi).Count);
    }
}
