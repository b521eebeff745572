using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Convolution;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class ConvolutionTests : IDisposable
{
    public static TheoryData<int[], int[], int[], int[], int[], int> Planar => new()
    {
        // input [B, C, H, W], weight [O, k, k'], stride, padding, dilation, groups
        { [2, 3, 7, 9], [4, 3, 3], [1, 1], [1, 1], [1, 1], 1 },
        { [1, 4, 8, 17], [6, 3, 2], [2, 1], [1, 2], [1, 2], 2 },
        { [2, 2, 7, 9], [5, 3, 3], [3, 3], [0, 0], [1, 1], 1 },
        { [1, 4, 6, 33], [4, 3, 3], [1, 1], [1, 1], [1, 1], 4 },
        { [1, 3, 5, 31], [6, 2, 5], [1, 2], [0, 2], [2, 1], 3 },
        { [2, 5, 3, 3], [13, 1, 1], [1, 1], [0, 0], [1, 1], 1 },
        { [1, 6, 4, 5], [2, 3, 3], [2, 2], [2, 2], [1, 1], 1 },
        { [1, 1, 1, 64], [1, 1, 7], [1, 1], [0, 3], [1, 1], 1 },
        { [1, 2, 9, 9], [3, 2, 2], [1, 3], [4, 4], [3, 3], 1 },
        { [0, 2, 4, 4], [3, 2, 2], [1, 1], [0, 0], [1, 1], 1 },
    };

    public void Dispose() => Gradients.Discard();

    [Theory]
    [MemberData(nameof(Planar))]
    public void PlanarConvolutionsMatchTheReference(int[] input, int[] weight, int[] stride, int[] padding, int[] dilation, int groups)
    {
        ConvGeometry g = Geometry(input, weight, stride, padding, dilation, groups);
        var options = new ConvOptions
        {
            Stride = SpatialSize.From(stride), Padding = SpatialSize.From(padding), Dilation = SpatialSize.From(dilation), Groups = groups,
        };
        int[] kernel = [weight[0], input[1] / groups, weight[1], weight[2]];
        GradientCheck.Run(
            t => Ops.Conv2d(t[0], t[1], t[2], options),
            v => Forward(g, v[0], v[1], v[2]),
            [Values(input, 1), Values(kernel, 2), Values([weight[0]], 3)],
            probes: 12);
    }

    [Theory]
    [MemberData(nameof(Planar))]
    public void TransposedConvolutionsMatchTheReference(int[] input, int[] weight, int[] stride, int[] padding, int[] dilation, int groups)
    {
        // The same sizes the other way round: the weight's first axis is the input's channels.
        int[] added = [stride[0] > 1 ? 1 : 0, stride[1] > 2 ? 2 : 0];
        int high = ((input[2] - 1) * stride[0]) - (2 * padding[0]) + (dilation[0] * (weight[1] - 1)) + added[0] + 1;
        int wide = ((input[3] - 1) * stride[1]) - (2 * padding[1]) + (dilation[1] * (weight[2] - 1)) + added[1] + 1;
        if (high <= 0 || wide <= 0)
        {
            Assert.ThrowsAny<ArgumentException>(() => Transposed(Tensor.From(new float[input.Aggregate(1, (a, b) => a * b)], Shape.Create(input))));
            return;
        }

        ConvGeometry g = Geometry([input[0], weight[0], high, wide], [input[1], weight[1], weight[2]], stride, padding, dilation, groups);
        g.InChannels = weight[0] / groups;
        g.OutChannels = input[1] / groups;
        (g.OutH, g.OutW) = (input[2], input[3]);
        GradientCheck.Run(
            t => Ops.ConvTranspose2d(t[0], t[1], t[2], Options()),
            v => Backward(g, v[0], v[1], v[2]),
            [Values(input, 1), Values([input[1], weight[0] / groups, weight[1], weight[2]], 2), Values([weight[0]], 3)],
            probes: 12);

        ConvOptions Options() => new()
        {
            Stride = SpatialSize.From(stride), Padding = SpatialSize.From(padding), Dilation = SpatialSize.From(dilation), Groups = groups,
            OutputPadding = SpatialSize.From(added),
        };

        Tensor Transposed(Tensor x) =>
            Ops.ConvTranspose2d(x, Ops.Zeros([input[1], weight[0] / groups, weight[1], weight[2]]), null, Options());
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 3, 3)]
    [InlineData(8, 5, 9)]
    [InlineData(15, 17, 1)]
    [InlineData(16, 16, 3)]
    [InlineData(33, 31, 5)]
    [InlineData(64, 9, 2)]
    [InlineData(257, 12, 3)]
    public void OddSizesMatchTheScalarTwins(int length, int channels, int kernel)
    {
        var g = new ConvGeometry
        {
            Batch = 2, Groups = 1, InChannels = channels, OutChannels = (2 * channels) + 1, InD = 1, InH = 2, InW = length,
            OutD = 1, OutH = 2, OutW = length, KD = 1, KH = 1, KW = kernel, SD = 1, SH = 1, SW = 1,
            PW = (kernel - 1) / 2, DD = 1, DH = 1, DW = 1,
        };
        Compare(g);
        Compare(g with { SW = 2, OutW = (length + 1) / 2 });
        Compare(g with { SW = 3, PW = 0, OutW = ((length - 1) / 3) + 1, Groups = 2 });
        Compare(g with { Groups = channels, InChannels = 1, OutChannels = 2 });
        Compare(g with { Groups = channels, InChannels = 1, OutChannels = 1, SW = 2, OutW = (length + 1) / 2 });
    }

    [Fact]
    public void ManySlabsOfChannelsAddUp()
    {
        var g = new ConvGeometry
        {
            Batch = 1, Groups = 1, InChannels = 300, OutChannels = 14, InD = 1, InH = 5, InW = 7, OutD = 1, OutH = 5, OutW = 7,
            KD = 1, KH = 3, KW = 3, SD = 1, SH = 1, SW = 1, PH = 1, PW = 1, DD = 1, DH = 1, DW = 1,
        };
        Compare(g);
        Compare(g with { InChannels = 3, InH = 80, InW = 60, OutH = 80, OutW = 60, Batch = 1 });
    }

    [Fact]
    public void ThreeAxesAndOneAxis()
    {
        var g = new ConvGeometry
        {
            Batch = 2, Groups = 2, InChannels = 2, OutChannels = 3, InD = 4, InH = 5, InW = 6, OutD = 4, OutH = 3, OutW = 6,
            KD = 3, KH = 2, KW = 3, SD = 1, SH = 2, SW = 1, PD = 1, PH = 1, PW = 1, DD = 1, DH = 1, DW = 1,
        };
        GradientCheck.Run(
            t => Ops.Conv3d(t[0], t[1], t[2], new ConvOptions { Stride = (1, 2, 1), Padding = 1, Groups = 2 }),
            v => Forward(g, v[0], v[1], v[2]),
            [Values([2, 4, 4, 5, 6], 1), Values([6, 2, 3, 2, 3], 2), Values([6], 3)],
            probes: 12);

        ConvGeometry line = Geometry([1, 2, 1, 12], [3, 1, 3], [1, 1], [0, 0], [1, 2], 1) with { PW = 4, OutW = 12 };
        GradientCheck.Run(
            t => Ops.CausalConv1d(t[0], t[1], t[2], new ConvOptions { Dilation = 2 }),
            v => Forward(line, v[0], v[1], v[2]),
            [Values([1, 2, 12], 1), Values([3, 2, 3], 2), Values([3], 3)],
            probes: 12);

        var back = new ConvGeometry
        {
            Batch = 1, Groups = 1, InChannels = 2, OutChannels = 3, InD = 5, InH = 4, InW = 7, OutD = 2, OutH = 3, OutW = 3,
            KD = 3, KH = 2, KW = 3, SD = 2, SH = 1, SW = 2, DD = 1, DH = 1, DW = 1,
        };
        GradientCheck.Run(
            t => Ops.ConvTranspose3d(t[0], t[1], t[2], new ConvOptions { Stride = (2, 1, 2) }),
            v => Backward(back, v[0], v[1], v[2]),
            [Values([1, 3, 2, 3, 3], 1), Values([3, 2, 3, 2, 3], 2), Values([2], 3)],
            probes: 12);
    }

    [Fact]
    public void SamePaddingPutsTheOddElementAtTheEnd()
    {
        Tensor x = Tensor.From([1f, 2f, 3f], [1, 1, 3]);
        Tensor w = Tensor.From([1f, 10f], [1, 1, 2]);
        Assert.Equal([21f, 32f, 3f], Ops.Conv1d(x, w, null, new ConvOptions { SamePadding = true }).ToArray<float>());
        Assert.Equal([10f, 21f, 32f], Ops.CausalConv1d(x, w).ToArray<float>());
        Tensor single = Tensor.From([1f, 2f, 3f], [1, 3]);
        Assert.Equal<Shape>([1, 2], Ops.Conv1d(single, w).Shape);
    }

    [Fact]
    public void ResultsDoNotDependOnTheNumberOfThreads()
    {
        var options = new ConvOptions { Padding = 1, Stride = 2 };
        Tensor x = Tensor.From(GradientCheck.Normal(2 * 16 * 20 * 20, 1), [2, 16, 20, 20]).RequireGrad();
        Tensor w = Tensor.From(GradientCheck.Normal(24 * 16 * 9, 2), [24, 16, 3, 3]).RequireGrad();
        float[][] first = Once();
        Threading.WorkerPool.ThreadLimit = 1;
        float[][] second = Once();
        Threading.WorkerPool.ThreadLimit = 0;
        Assert.Equal(first, second);

        float[][] Once()
        {
            x.ZeroGrad();
            w.ZeroGrad();
            Tensor y = Ops.Conv2d(x, w, null, options);
            float[] values = y.ToArray<float>();
            Gradients.Backward(y, y.View(y.Shape));
            return [values, x.Grad!.Value.ToArray<float>(), w.Grad!.Value.ToArray<float>()];
        }
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor x = Ops.Zeros([1, 4, 5, 5]), w = Ops.Zeros([6, 4, 3, 3]);
        Assert.Contains("input", Assert.Throws<ShapeException>(() => Ops.Conv2d(Ops.Zeros([1, 3, 5, 5]), w)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Ops.Conv2d(x, w, Ops.Zeros([5])));
        Assert.Throws<ShapeException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Dilation = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Stride = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Padding = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Groups = 0 }));
        Assert.Throws<ArgumentException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Stride = (1, 1, 1) }));
        Assert.Throws<ShapeException>(() => Ops.Conv2d(x, w, null, new ConvOptions { Groups = 4 }));
        Assert.Throws<DTypeException>(() => Ops.Conv2d(Ops.Zeros([1, 4, 5, 5], DType.I32), w));
        Assert.Throws<ArgumentException>(() => Ops.ConvTranspose2d(x, Ops.Zeros([4, 1, 2, 2]), null, new ConvOptions { OutputPadding = 1 }));
    }

    internal static (float[] Values, int[] Shape) Values(int[] shape, ulong seed) =>
        (GradientCheck.Normal(shape.Aggregate(1, (a, b) => a * b), seed), shape);

    private static ConvGeometry Geometry(int[] input, int[] weight, int[] stride, int[] padding, int[] dilation, int groups) => new()
    {
        Batch = input[0], Groups = groups, InChannels = input[1] / groups, OutChannels = weight[0] / groups,
        InD = 1, InH = input[2], InW = input[3], OutD = 1,
        OutH = ((input[2] + (2 * padding[0]) - (dilation[0] * (weight[1] - 1)) - 1) / stride[0]) + 1,
        OutW = ((input[3] + (2 * padding[1]) - (dilation[1] * (weight[2] - 1)) - 1) / stride[1]) + 1,
        KD = 1, KH = weight[1], KW = weight[2], SD = 1, SH = stride[0], SW = stride[1],
        PH = padding[0], PW = padding[1], DD = 1, DH = dilation[0], DW = dilation[1],
    };

    /// <summary>Calls <paramref name="each"/> with (output, weight, input) for every product of a convolution.</summary>
    private static void Products(in ConvGeometry g, Action<int, int, int> each)
    {
        int outputs = g.Batch * g.Groups * g.OutChannels * (int)g.OutPlane;
        for (int o = 0; o < outputs; o++)
        {
            int x = o % g.OutW, y = o / g.OutW % g.OutH, z = o / g.OutW / g.OutH % g.OutD;
            int plane = o / (int)g.OutPlane, channel = plane % (g.Groups * g.OutChannels);
            int first = ((plane / (g.Groups * g.OutChannels) * g.Groups) + (channel / g.OutChannels)) * g.InChannels;
            for (int k = 0; k < g.Depth; k++)
            {
                int c = k / g.Taps, t = k % g.Taps;
                int ix = (x * g.SW) - g.PW + (t % g.KW * g.DW);
                int iy = (y * g.SH) - g.PH + (t / g.KW % g.KH * g.DH);
                int iz = (z * g.SD) - g.PD + (t / g.KW / g.KH * g.DD);
                if (ix >= 0 && ix < g.InW && iy >= 0 && iy < g.InH && iz >= 0 && iz < g.InD)
                {
                    each(o, (channel * g.Depth) + k, ((((((first + c) * g.InD) + iz) * g.InH) + iy) * g.InW) + ix);
                }
            }
        }
    }

    private static double[] Forward(ConvGeometry g, double[] input, double[] weight, double[] bias)
    {
        double[] output = new double[g.Batch * g.Groups * g.OutChannels * g.OutPlane];
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = bias[i / g.OutPlane % bias.Length];
        }

        Products(g, (o, w, i) => output[o] += weight[w] * input[i]);
        return output;
    }

    private static double[] Backward(ConvGeometry g, double[] output, double[] weight, double[] bias)
    {
        double[] input = new double[g.Batch * g.Groups * g.InChannels * g.InPlane];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = bias[i / g.InPlane % bias.Length];
        }

        Products(g, (o, w, i) => input[i] += weight[w] * output[o]);
        return input;
    }

    /// <summary>All three kernels against their plain twins.</summary>
    private static void Compare(in ConvGeometry g)
    {
        int inputs = g.Batch * g.Groups * g.InChannels * (int)g.InPlane;
        int outputs = g.Batch * g.Groups * g.OutChannels * (int)g.OutPlane;
        int weights = g.Groups * g.OutChannels * g.Depth;
        float[] x = GradientCheck.Normal(inputs, 1), w = GradientCheck.Normal(weights, 2), y = GradientCheck.Normal(outputs, 3);
        float[] outBias = GradientCheck.Normal(g.Groups * g.OutChannels, 4), inBias = GradientCheck.Normal(g.Groups * g.InChannels, 5);
        float[] got = new float[Math.Max(inputs, Math.Max(outputs, weights))], want = new float[got.Length];
        fixed (float* px = x, pw = w, py = y, po = outBias, pi = inBias, a = got, b = want)
        {
            ConvForward.Run(g, px, pw, po, a);
            ConvForward.RunScalar(g, px, pw, po, b);
            AssertClose(want, got, outputs, g.Depth);
            ConvBackwardInput.Run(g, py, pw, pi, a);
            ConvBackwardInput.RunScalar(g, py, pw, pi, b);
            AssertClose(want, got, inputs, g.OutChannels * g.Taps);
            ConvBackwardWeight.Run(g, px, py, a);
            ConvBackwardWeight.RunScalar(g, px, py, b);
            AssertClose(want, got, weights, (int)(g.Batch * g.OutPlane));
        }
    }

    private static void AssertClose(float[] want, float[] got, int count, int terms)
    {
        double tolerance = 3e-6 * Math.Sqrt(terms + 1) + 1e-5;
        for (int i = 0; i < count; i++)
        {
            Assert.True(Math.Abs(want[i] - got[i]) <= tolerance * Math.Max(1, Math.Abs(want[i])), $"at {i}: got {got[i]}, expected {want[i]}");
        }
    }
}
