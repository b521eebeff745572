using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Gradients that sum over rows are 0 when there are no rows, whatever the memory held before.</summary>
[Trait("Level", "Simd")]
public class EmptyBatchTests
{
    private const int Width = 8;

    private static readonly Tensor[] s_weights =
        [.. Enumerable.Range(0, 3).Select(_ => Tensor.From(GradientCheck.Normal(Width, 1), [Width]))];

    [Fact]
    public void Norms()
    {
        Check([0, Width], [Width], (x, w, b) => Ops.LayerNorm(x, w, b));
        Check([0, 2, 4], [2, 4], (x, w, b) => Ops.LayerNorm(x, w, b, 1e-5f, 2));
        Check([0, 3, Width], [Width], (x, w, b) => Ops.RmsNorm(x, w), bias: false);
        foreach (int[] shape in new int[][] { [0, Width], [0, Width, 5], [2, Width, 0], [0, Width, 2, 3] })
        {
            Check(shape, [Width], (x, w, b) => Ops.LayerNormChannelsFirst(x, w, b));
            Check(shape, [Width], (x, w, b) => Ops.GroupNorm(x, 2, w, b));
            Check(shape, [Width], (x, w, b) => Ops.InstanceNorm(x, w, b));
            Check(shape, [Width], (x, w, b) => Ops.BatchNorm(x, s_weights[0], s_weights[1], w, b));
            Check(shape, [Width], (x, w, b) => Ops.BatchNorm(x, null, null, w, b, training: true));
        }
    }

    [Fact]
    public void ProductsAndConvolutions()
    {
        Check([0, 3], [Width, 3], (x, w, b) => Ops.Linear(x, w, b), biasShape: [Width]);
        Check([0, 3], [3, Width], (x, w, b) => Ops.Add(Ops.MatMul(x, w), b), biasShape: [Width]);
        Check([0, 3, 9], [Width, 3, 3], (x, w, b) => Ops.Conv1d(x, w, b), biasShape: [Width]);
        Check([0, 3, 9], [3, Width, 3], (x, w, b) => Ops.ConvTranspose1d(x, w, b), biasShape: [Width]);
    }

    [Fact]
    public void StretchedOperands()
    {
        Check([0, Width], [Width], (x, w, b) => Ops.Add(Ops.Multiply(x, w), b));
        Check([0, 3, Width], [1, 3, Width], (x, w, b) => Ops.Subtract(Ops.Divide(x, w), b));
        Check([0, 3, Width], [3, 1], (x, w, b) => Ops.Add(Ops.Multiply(x, w), b));
        Check([0, 1], [1], (x, w, b) => Ops.Lerp(x, w, b));
    }

    private static void Check(
        int[] shape, int[] weightShape, Func<Tensor, Tensor, Tensor, Tensor> op, bool bias = true, int[]? biasShape = null)
    {
        Tensor input = Ops.Zeros(Shape.Create(shape)).RequireGrad();
        Tensor weight = Ops.Full(Shape.Create(weightShape), 0.5f).RequireGrad();
        Tensor added = Ops.Full(Shape.Create(biasShape ?? weightShape), 0.25f).RequireGrad();
        Tensor output = op(input, weight, added);
        Dirty();
        Gradients.Backward(output, Ops.Zeros(output.Shape));
        Assert.Equal(0, input.Grad?.Count ?? 0);
        AssertZeros(weight);
        if (bias)
        {
            AssertZeros(added);
        }
    }

    /// <summary>Leaves NaN in memory that is about to be handed out again.</summary>
    private static void Dirty()
    {
        using TensorScope scope = TensorScope.Open();
        foreach (int size in new[] { 1, 3, Width, Width, Width, 24, 24, 72, 72 })
        {
            for (int i = 0; i < 8; i++)
            {
                Ops.Full([size], float.NaN);
            }
        }
    }

    private static void AssertZeros(Tensor leaf)
    {
        if (leaf.Grad is { } gradient)
        {
            Assert.All(gradient.ToArray<float>(), value => Assert.Equal(0f, value));
        }
    }
}
