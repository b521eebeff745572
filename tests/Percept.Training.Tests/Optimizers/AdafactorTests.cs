using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

public sealed class AdafactorTests
{
    [Fact]
    public void AMatrixTakesARowAndAColumnOfState()
    {
        var weights = new Weights();
        using var optimizer = new Adafactor(weights.OneGroup);
        IReadOnlyDictionary<string, Tensor> state = optimizer.StateTensors();
        Assert.Equal(Shape.Create([7]), state["w0.exp_avg_sq"].Shape);
        Assert.Equal(Shape.Create([5]), state["w1.exp_avg_sq_row"].Shape);
        Assert.Equal(Shape.Create([3]), state["w1.exp_avg_sq_col"].Shape);
        Assert.Equal(Shape.Create([4, 3]), state["w3.exp_avg_sq_row"].Shape);
        Assert.Equal(Shape.Create([4, 2]), state["w3.exp_avg_sq_col"].Shape);
        Assert.Equal(sizeof(float) * (7 + 5 + 3 + 3 + 8 + 12 + 8), optimizer.StateBytes);
    }

    [Fact]
    public void WithARelativeStepTheGivenRateDoesNotCount()
    {
        Weights first = new(), second = new();
        var options = new AdafactorOptions { RelativeStep = true };
        using Adafactor one = new(first.OneGroup, options), other = new(second.OneGroup, options);
        first.SetGradients(0);
        second.SetGradients(0);
        one.Step(1);
        other.Step(1e-9);
        Assert.Equal(first.Values(), second.Values());
        Assert.Throws<ArgumentException>(() => new Adafactor(first.OneGroup, new AdafactorOptions { WarmupInit = true }));
    }
}
