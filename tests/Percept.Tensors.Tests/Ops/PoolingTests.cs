using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed class PoolingTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(9, 7, 3, 2, 1, 1, false, true)]
    [InlineData(9, 7, 3, 2, 1, 1, false, false)]
    [InlineData(7, 5, 2, 2, 0, 1, true, true)]
    [InlineData(8, 33, 3, 2, 1, 1, true, true)]
    [InlineData(8, 33, 3, 2, 1, 1, true, false)]
    [InlineData(9, 17, 2, 1, 0, 2, false, true)]
    [InlineData(1, 1, 1, 1, 0, 1, false, true)]
    public void WindowsMatchTheReference(int h, int w, int kernel, int stride, int padding, int dilation, bool ceil, bool counted)
    {
        int oh = Size(h), ow = Size(w);
        var options = new PoolOptions
        {
            Kernel = kernel, Stride = stride, Padding = padding, CeilMode = ceil, CountIncludePad = counted,
        };
        (float[], int[])[] inputs = [ConvolutionTests.Values([2, 3, h, w], 1)];
        PoolOptions maximum = options with { Dilation = dilation };
        GradientCheck.Run(t => Ops.MaxPool2d(t[0], maximum), v => Reference(v[0], true), inputs);
        using (Gradients.Off())
        {
            Tensor x = Tensor.From(inputs[0].Item1, [2, 3, h, w]);
            double[] expected = Reference([.. inputs[0].Item1.Select(f => (double)f)], true);
            GradientCheck.AssertClose(expected, Ops.MaxPool2d(x, maximum).ToArray<float>(), 1e-6, "maximum");
        }

        if (dilation == 1)
        {
            GradientCheck.Run(t => Ops.AvgPool2d(t[0], options), v => Reference(v[0], false), inputs);
        }

        int Size(int n)
        {
            int room = n + (2 * padding) - (dilation * (kernel - 1)) - 1;
            int count = ((room + (ceil ? stride - 1 : 0)) / stride) + 1;
            return ceil && (count - 1) * stride >= n + padding ? count - 1 : count;
        }

        double[] Reference(double[] x, bool max)
        {
            double[] y = new double[6 * oh * ow];
            for (int i = 0; i < y.Length; i++)
            {
                int plane = i / (oh * ow), top = (i / ow % oh * stride) - padding, left = (i % ow * stride) - padding;
                double best = double.NegativeInfinity, sum = 0;
                int inside = 0;
                for (int r = 0; r < kernel; r++)
                {
                    for (int c = 0; c < kernel; c++)
                    {
                        int a = top + (r * dilation), b = left + (c * dilation);
                        if (a >= 0 && a < h && b >= 0 && b < w)
                        {
                            double value = x[(((plane * h) + a) * w) + b];
                            best = Math.Max(best, value);
                            sum += value;
                            inside++;
                        }
                    }
                }

                int padded = (Math.Min(top + kernel, h + padding) - top) * (Math.Min(left + kernel, w + padding) - left);
                y[i] = max ? best : sum / (counted ? padded : inside);
            }

            return y;
        }
    }

    [Theory]
    [InlineData(7, 5, 3, 4)]
    [InlineData(7, 5, 12, 5)]
    [InlineData(16, 40, 1, 1)]
    [InlineData(3, 3, 3, 3)]
    public void WindowsThatDivideTheAxesMatchTheReference(int h, int w, int oh, int ow)
    {
        (float[], int[])[] inputs = [ConvolutionTests.Values([2, h, w], 2)];
        GradientCheck.Run(t => Ops.AdaptiveAvgPool2d(t[0], (oh, ow)), v => Reference(v[0], false), inputs);
        GradientCheck.Run(t => Ops.AdaptiveMaxPool2d(t[0], (oh, ow)), v => Reference(v[0], true), inputs);

        double[] Reference(double[] x, bool max)
        {
            double[] y = new double[2 * oh * ow];
            for (int i = 0; i < y.Length; i++)
            {
                int plane = i / (oh * ow), r = i / ow % oh, c = i % ow;
                var window = new List<double>();
                for (int a = r * h / oh; a < (((r + 1) * h) + oh - 1) / oh; a++)
                {
                    for (int b = c * w / ow; b < (((c + 1) * w) + ow - 1) / ow; b++)
                    {
                        window.Add(x[(((plane * h) + a) * w) + b]);
                    }
                }

                y[i] = max ? window.Max() : window.Average();
            }

            return y;
        }
    }

    [Fact]
    public void OneAndThreeAxes()
    {
        Tensor line = Tensor.From([1f, 5f, 2f, 4f, 3f], [1, 5]);
        Assert.Equal([5f, 4f], Ops.MaxPool1d(line, new PoolOptions { Kernel = 2 }).ToArray<float>());
        Assert.Equal([3f, 3f, 3f], Ops.AvgPool1d(line, new PoolOptions { Kernel = 2, CeilMode = true }).ToArray<float>());
        Tensor cube = Ops.Reshape(Ops.Arange(8), [1, 2, 2, 2]);
        Assert.Equal([7f], Ops.MaxPool3d(cube, new PoolOptions { Kernel = 2 }).ToArray<float>());
        Assert.Equal([3.5f], Ops.AdaptiveAvgPool3d(cube, 1).ToArray<float>());
        Assert.Equal([1.5f, 5.5f], Ops.AvgPool3d(cube, new PoolOptions { Kernel = (1, 2, 2) }).ToArray<float>());
        Assert.Equal([3f, 7f], Ops.AdaptiveMaxPool3d(cube, (2, 1, 1)).ToArray<float>());
    }

    [Fact]
    public void ANumberThatIsNoneWins()
    {
        Tensor x = Tensor.From([1f, float.NaN, 3f, float.NegativeInfinity], [1, 4]);
        float[] y = Ops.MaxPool1d(x, new PoolOptions { Kernel = 2 }).ToArray<float>();
        Assert.True(float.IsNaN(y[0]));
        Assert.Equal(3f, y[1]);
        Assert.True(float.IsNaN(Ops.MaxPool1d(x.RequireGrad(), new PoolOptions { Kernel = 2 }).ToArray<float>()[0]));
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor x = Ops.Zeros([1, 4, 4]);
        Assert.Throws<ArgumentException>(() => Ops.MaxPool2d(x, default));
        Assert.Throws<ArgumentException>(() => Ops.MaxPool2d(x, new PoolOptions { Kernel = 3, Padding = 2 }));
        Assert.Throws<ShapeException>(() => Ops.AvgPool2d(x, new PoolOptions { Kernel = 5 }));
        Assert.Throws<ShapeException>(() => Ops.AdaptiveAvgPool2d(Ops.Zeros([2, 0, 3]), 2));
        Assert.Equal(0, Ops.MaxPool2d(Ops.Zeros([0, 4, 4]), new PoolOptions { Kernel = 2 }).Count);
    }
}
