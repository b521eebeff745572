using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Windows without elements, ends of ranges, infinities and NaN: answers and gradients are PyTorch's, and nothing outside a tensor is touched.</summary>
[Trait("Level", "Simd")]
public sealed class EdgeValueTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Fact]
    public void AMaximumOfNothingIsMinusInfinityAndHasNoGradient()
    {
        // Dilated by three, a window of two meets the padding on both sides of two elements.
        var options = new PoolOptions { Kernel = 2, Padding = 1, Stride = 1, Dilation = 3 };
        Tensor x = Tensor.From([1f, 2f, 3f, 4f], [1, 2, 2]).RequireGrad();
        Tensor y = Ops.MaxPool1d(x, options);
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], y.ToArray<float>());
        Gradients.Backward(y, Ops.Ones(y.Shape));
        Assert.Equal([0f, 0, 0, 0], x.Grad!.Value.ToArray<float>());
        using (Gradients.Off())
        {
            Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], Ops.MaxPool1d(x, options).ToArray<float>());
        }
    }

    [Theory]
    [InlineData(0.7, 4, ResampleMode.Linear)]
    [InlineData(0.6, 8, ResampleMode.Linear)]
    [InlineData(1.45, 2, ResampleMode.Nearest)]
    [InlineData(0.3, 33, ResampleMode.Linear)]
    public void ElementsThatFeedNoOutputHaveNoGradient(double factor, int size, ResampleMode mode)
    {
        // Values of the scratch before: any place read by mistake would show.
        float[] values = GradientCheck.Normal(3 * size, 4);
        Tensor x = Tensor.From(values, [1, 3, size]).RequireGrad();
        var options = new ResampleOptions { Mode = mode };
        Tensor y = Ops.Interpolate(x, [factor], options);
        float[] upstream = GradientCheck.Normal((int)y.Count, 5);
        Gradients.Backward(y, Tensor.From(upstream, y.Shape));
        float[] gradient = x.Grad!.Value.ToArray<float>();

        // Resampling is linear: the gradient of one element is the answer to a picture of that element alone.
        using (Gradients.Off())
        {
            for (int i = 0; i < values.Length; i++)
            {
                float[] one = new float[values.Length];
                one[i] = 1;
                float[] answer = Ops.Interpolate(Tensor.From(one, [1, 3, size]), [factor], options).ToArray<float>();
                Assert.Equal(answer.Zip(upstream, (a, u) => (double)a * u).Sum(), gradient[i], 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(2, 2, 0, 16, 1)]
    [InlineData(2, 2, 0, 16, 3)]
    [InlineData(3, 1, 1, 20, 5)]
    [InlineData(15, 1, 7, 8, 0)]
    [InlineData(5, 1, 2, 33, 0)]
    public void AveragesOfManyWindowsHaveTheirDivisor(int kernel, int stride, int padding, int size, int divisor) => GradientCheck.Run(
        t => Ops.AvgPool1d(
            t[0], new PoolOptions { Kernel = kernel, Stride = stride, Padding = padding, Divisor = divisor }),
        v =>
        {
            int count = ((size + (2 * padding) - kernel) / stride) + 1;
            double[] y = new double[count];
            for (int i = 0; i < count; i++)
            {
                int first = (i * stride) - padding;
                for (int k = Math.Max(0, first); k < Math.Min(size, first + kernel); k++)
                {
                    y[i] += v[0][k] / (divisor == 0 ? kernel : divisor);
                }
            }

            return y;
        },
        [(GradientCheck.Normal(size, 3), [1, size])]);

    [Fact]
    public void ACosineStretchesBeforeItsNormsAreTaken()
    {
        Tensor cosine = Ops.CosineSimilarity(Tensor.From([1f, 1f], [2, 1]), Ops.Ones([2, 3]));
        Assert.All(cosine.ToArray<float>(), c => Assert.Equal(1f, c, 1e-6f));
        Assert.Equal([1f, 1f, 1f], Ops.CosineSimilarity(Ops.Ones([3]), Ops.Ones([2, 3]), 0).ToArray<float>().Select(c => MathF.Round(c, 6)));
        GradientCheck.Run(
            t => Ops.CosineSimilarity(t[0], t[1]),
            v => [.. Enumerable.Range(0, 2).Select(r => Cosine([v[0][r], v[0][r], v[0][r]], v[1][(3 * r)..((3 * r) + 3)]))],
            [([0.5f, -1.5f], [2, 1]), (GradientCheck.Normal(6, 2), [2, 3])]);

        static double Cosine(double[] a, double[] b) =>
            a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
    }

    [Fact]
    public void RankingOfIntegersIsRefused()
    {
        Tensor five = Tensor.From([5], [1]), one = Tensor.From([1], [1]);
        Assert.Equal("a", Assert.Throws<DTypeException>(() => Ops.MarginRankingLoss(five, one, Ops.Ones([1]))).ParamName);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1.5f)]
    [InlineData(2f)]
    [InlineData(float.PositiveInfinity)]
    public void ANormOfZerosHasNoGradientAndOneOfNaNHasNaN(float p)
    {
        Tensor x = Ops.Zeros([1, 4]).RequireGrad();
        Gradients.Backward(Ops.Sum(Ops.Norm(x, -1, p)));
        Assert.Equal([0f, 0, 0, 0], x.Grad!.Value.ToArray<float>());
        Tensor bad = Tensor.From([float.NaN, 1f], [1, 2]).RequireGrad();
        Gradients.Backward(Ops.Sum(Ops.Norm(bad, -1, p)));
        Assert.Equal(2, bad.Grad!.Value.Count);
    }

    [Fact]
    public void InterpolationReachesBothEnds()
    {
        Tensor a = Tensor.From([1e8f, 1f, 3f], [3]), b = Tensor.From([1f, 1e8f, 7f], [3]);
        Assert.Equal([1f, 1e8f, 7f], Ops.Lerp(a, b, Ops.Ones([1])).ToArray<float>());
        Assert.Equal([1e8f, 1f, 3f], Ops.Lerp(a, b, Ops.Zeros([1])).ToArray<float>());
        GradientCheck.Run(
            t => Ops.Lerp(t[0], t[1], t[2]),
            v => [.. v[0].Zip(v[1], v[2]).Select(e => e.First + (e.Third * (e.Second - e.First)))],
            [(GradientCheck.Normal(5, 1), [5]), (GradientCheck.Normal(5, 2), [5]), ([-0.7f, 0.2f, 0.45f, 0.8f, 1.3f], [5])]);
    }

    [Fact]
    public void LossesOfNaNHaveGradientsOfNaN()
    {
        Func<Tensor, Tensor, Tensor>[] losses =
        [
            (x, t) => Ops.MeanSquaredError(x, t), (x, t) => Ops.L1Loss(x, t), (x, t) => Ops.SmoothL1Loss(x, t), (x, t) => Ops.HuberLoss(x, t),
            (x, t) => Ops.BinaryCrossEntropyWithLogits(x, t), (x, t) => Ops.BinaryCrossEntropy(x, t),
        ];
        Assert.All(losses, loss =>
        {
            Tensor x = Tensor.From([float.NaN, 0.5f], [2]).RequireGrad();
            Gradients.Backward(loss(x, Tensor.From([0f, 0.25f], [2])));
            float[] gradient = x.Grad!.Value.ToArray<float>();
            Assert.True(float.IsNaN(gradient[0]));
            Assert.True(float.IsFinite(gradient[1]));
        });
    }

    [Theory]
    [InlineData(1.2f)]
    [InlineData(-0.1f)]
    [InlineData(float.PositiveInfinity)]
    public void WhatIsNoProbabilityIsRefused(float value)
    {
        Tensor x = Tensor.From([0.5f, value], [2]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Ops.BinaryCrossEntropy(x, Tensor.From([0f, 1f], [2])));
        Assert.Equal("input", error.ParamName);
        Assert.Contains("Element 1", error.Message);
    }

    [Fact]
    public void AttentionOverCachesRefusesGradientsOfKeysAndValues()
    {
        Tensor query = Ops.Ones([1, 1, 8]), plain = Ops.Ones([1, 2, 1, 8]), wanted = Ops.Ones([1, 2, 1, 8]).RequireGrad();
        Assert.Throws<InvalidOperationException>(() => Ops.AttentionSequences(query, [1], [wanted], [plain]));
        Assert.Throws<InvalidOperationException>(() => Ops.AttentionSequences(query, [1], [plain], [wanted]));
        Assert.Equal<Shape>([1, 1, 8], Ops.AttentionSequences(query, [1], [plain], [plain]).Shape);
    }

    [Fact]
    public void AxesNamedTwiceAreRefusedOrAddUp()
    {
        Tensor x = Tensor.From([1f, 2, 3, 4], [2, 2]);
        Assert.Equal("axes", Assert.Throws<ArgumentException>(() => Ops.Sum(x, [0, 0])).ParamName);
        Assert.Equal("axes", Assert.Throws<ArgumentException>(() => Ops.Mean(x, [1, -1])).ParamName);
        Assert.Equal([2f, 3, 4, 1], Ops.Roll(Tensor.From([1f, 2, 3, 4], [4]), [1, 2], [0, 0]).ToArray<float>());
    }

    [Fact]
    public void BlocksAreNotCut()
    {
        Tensor blocks = Tensor.FromBytes(new byte[2 * 34], [2, 32], DType.Q8_0);
        Assert.Throws<ShapeException>(() => Ops.Reshape(blocks, [4, 16]));
        Assert.Throws<ShapeException>(() => Ops.Empty([4, 16], DType.Q8_0));
        Assert.Equal<Shape>([1, 64], Ops.Reshape(blocks, [1, 64]).Shape);
    }

    [Fact]
    public void SigmoidReachesZero()
    {
        float[] x = [float.NegativeInfinity, -1000f, -100f, -80f, 0f, 100f, float.PositiveInfinity, float.NaN];
        float[] y = Ops.Sigmoid(Tensor.From(x, [8])).ToArray<float>();
        Assert.Equal([0f, 0f, 0f], y[..3]);
        Assert.Equal(Math.Exp(-80), y[3], Math.Exp(-80) * 1e-6);
        Assert.Equal([0.5f, 1f, 1f, float.NaN], y[4..]);
    }

    [Fact]
    public void TheGradientOfAFixedBatchNormDoesNotReadItsInput()
    {
        Tensor x = Tensor.From([float.PositiveInfinity, 1f], [1, 1, 2]).RequireGrad();
        Tensor y = Ops.BatchNorm(x, Ops.Zeros([1]), Ops.Full([1], 3f), eps: 1f);
        Gradients.Backward(y, Ops.Ones(y.Shape));
        Assert.Equal([0.5f, 0.5f], x.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void ResultsThatCannotBeAreRefusedAtOnce()
    {
        Tensor x = Ops.Ones([1, 1, 3, 3]), two = Ops.Ones([2, 3]);
        Assert.Throws<ShapeException>(() => Ops.Interpolate(x, 1_000_000_000));
        Assert.Throws<ShapeException>(() => Ops.Repeat(two, int.MaxValue, 2));
        Assert.Throws<ShapeException>(() => Ops.RepeatInterleave(two, int.MaxValue, 0));
        Assert.Throws<ShapeException>(() => Ops.Pad(two, [int.MaxValue, int.MaxValue]));
        Assert.Throws<ShapeException>(() => Ops.Zeros([2, 16], DType.Q8_0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.GridSample(x, Ops.Zeros([1, 1, 1, 2]), new GridSampleOptions { Mode = (GridSampleMode)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.MeanSquaredError(two, two, (Reduction)9));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Ops.CrossEntropy(two, Tensor.From([0, 1], [2]), new CrossEntropyOptions { Reduction = (Reduction)9 }));
    }
}
