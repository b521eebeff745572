using Xunit;

namespace Percept.Training.Tests;

public class LossWatchTests
{
    [Theory]
    [InlineData(double.NaN, 1, "loss is NaN")]
    [InlineData(double.PositiveInfinity, 1, "loss is")]
    [InlineData(1, double.NaN, "norm of the gradients")]
    [InlineData(0, 1, "nothing in the batch was learned")]
    public void NumbersThatCannotBeAreTold(double loss, double norm, string what) =>
        Assert.Contains(what, new LossWatch(new StopRecipe()).Look(loss, norm));

    [Fact]
    public void AJumpAboveTheLatestLossesIsTold()
    {
        var watch = new LossWatch(new StopRecipe { Jump = 10, Window = 32 });
        for (int i = 0; i < 40; i++)
        {
            Take(watch, 2 + (0.1 * Math.Sin(i)));
        }

        Assert.Null(watch.Look(2.3, 1));
        Assert.Contains("deviations above the median", watch.Look(6, 1));
    }

    [Fact]
    public void FallingLossesAreNoJump()
    {
        var watch = new LossWatch(new StopRecipe { Jump = 10, Window = 32 });
        for (int i = 0; i < 200; i++)
        {
            Take(watch, 5 * Math.Exp(-i / 20.0));
        }
    }

    [Fact]
    public void WithoutABoundNoJumpIsTold()
    {
        var watch = new LossWatch(new StopRecipe { Jump = 0 });
        for (int i = 0; i < 40; i++)
        {
            Take(watch, 2);
        }

        Assert.Null(watch.Look(1000, 1));
    }

    private static void Take(LossWatch watch, double loss)
    {
        Assert.Null(watch.Look(loss, 1));
        watch.Note(loss);
    }

    [Fact]
    public void GradientsThatStayZeroEndTheRun()
    {
        var watch = new LossWatch(new StopRecipe());
        for (int step = 0; step < 4; step++)
        {
            Assert.Null(watch.Look(6.93, 0));
        }

        Assert.Null(watch.Look(6.93, 1e-9));
        for (int step = 0; step < 4; step++)
        {
            Assert.Null(watch.Look(6.93, 0));
        }

        Assert.Contains("gradients are 0", watch.Look(6.93, 0), StringComparison.Ordinal);
        var hinge = new LossWatch(new StopRecipe(), mayBeZero: true);
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Null(hinge.Look(0, 0)));
    }
}
