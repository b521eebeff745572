using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

public sealed class GradientClippingTests
{
    [Fact]
    public void TheNormIsThatOfAllGradientsTogether()
    {
        var weights = new Weights();
        Assert.Equal(0, GradientClipping.GlobalNorm(weights.All));
        weights.SetGradients(0);
        double expected = Math.Sqrt(weights.All.Sum(p => p.Value.Grad!.Value.ToArray<float>().Sum(g => (double)g * g)));
        Assert.Equal(expected, GradientClipping.GlobalNorm(weights.All), 1e-6 * expected);

        weights.All[1].Value.ZeroGrad();
        Gradients.Backward(Ops.Scale(Ops.Sum(weights.All[1].Value), float.PositiveInfinity));
        Assert.False(double.IsFinite(GradientClipping.GlobalNorm(weights.All)));
    }

    [Fact]
    public void TheFactorBringsTheNormToTheBound()
    {
        Assert.Equal(1, GradientClipping.Factor(0.5, 1));
        Assert.Equal(1, GradientClipping.Factor(0, 1));
        Assert.Equal(1, GradientClipping.Factor(100, 0));
        Assert.Equal(2 / (8 + 1e-6), GradientClipping.Factor(8, 2));
        Assert.True(double.IsNaN(GradientClipping.Factor(double.NaN, 1)));
        Assert.Equal(0, GradientClipping.Factor(double.PositiveInfinity, 1));
    }
}
