using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

public sealed class GradientCacheTests
{
    [Theory]
    [InlineData(new[] { 12 })]
    [InlineData(new[] { 4, 4, 4 })]
    [InlineData(new[] { 5, 1, 6 })]
    public void ItsGradientsAreTheWholeBatchs(int[] sizes)
    {
        var model = new TwoTowers();
        Gradients.Backward(model.Loss(model.Encode(0, 12)));
        float[][] whole = model.TakeGradients();

        int[] starts = [.. sizes.Select((_, i) => sizes[..i].Sum())];
        var cache = new GradientCache(sizes.Length, part => model.Encode(starts[part], sizes[part]));
        float expected;
        using (Gradients.Off())
        {
            expected = model.Loss(model.Encode(0, 12)).Item();
        }

        Assert.Equal(expected, cache.Backward(model.Loss), 1e-5f);
        float[][] cached = model.TakeGradients();
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Contains(whole[i], value => Math.Abs(value) > 1e-3);
            OptimizerTests.AssertClose(whole[i], cached[i], 2e-6f);
        }

        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Fact]
    public void AFrozenTowerIsOnlyRead()
    {
        var model = new TwoTowers();
        model.ImageWeight.RequireGrad(false);
        Gradients.Backward(model.Loss(model.Encode(0, 12)));
        float[] whole = model.TextWeight.Grad!.Value.ToArray<float>();
        model.TextWeight.ZeroGrad();
        var cache = new GradientCache(3, part => model.Encode(part * 4, 4));
        cache.Backward(model.Loss, scale: 0.5f);
        float[] half = [.. whole.Select(value => value * 0.5f)];
        OptimizerTests.AssertClose(half, model.TextWeight.Grad!.Value.ToArray<float>(), 2e-6f);
        Assert.Null(model.ImageWeight.Grad);
    }

    /// <summary>Pictures and texts through a layer each, with a temperature that is trained.</summary>
    private sealed class TwoTowers
    {
        private readonly Tensor _images = Ops.RandomNormal([12, 5], new RandomStream(1));
        private readonly Tensor _texts = Ops.RandomNormal([12, 7], new RandomStream(2));

        internal Tensor ImageWeight { get; } = Ops.RandomNormal([6, 5], new RandomStream(3)).RequireGrad();

        internal Tensor TextWeight { get; } = Ops.RandomNormal([6, 7], new RandomStream(4)).RequireGrad();

        internal Tensor Scale { get; } = Ops.Full([], 0.7f).RequireGrad();

        internal Tensor[] Encode(int start, int count) =>
        [
            Ops.L2Normalize(Ops.Tanh(Ops.Linear(_images.Rows(start, count), ImageWeight))),
            Ops.L2Normalize(Ops.Tanh(Ops.Linear(_texts.Rows(start, count), TextWeight))),
        ];

        internal Tensor Loss(Tensor[] vectors) => ContrastiveLosses.Clip(vectors[0], vectors[1], Scale);

        internal float[][] TakeGradients()
        {
            Tensor[] weights = [ImageWeight, TextWeight, Scale];
            float[][] gradients = [.. weights.Select(weight => weight.Grad!.Value.ToArray<float>())];
            foreach (Tensor weight in weights)
            {
                weight.ZeroGrad();
            }

            return gradients;
        }
    }
}
