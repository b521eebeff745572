using Xunit;

namespace Percept.Training.Tests;

/// <summary>Steps take no memory once they run. Others would take blocks out of the shared pool meanwhile, so they run alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Theory]
    [MemberData(nameof(OptimizerTests.All), MemberType = typeof(OptimizerTests))]
    public void AStepAllocatesNothing(OptimizerSettings settings)
    {
        var weights = new Weights();
        using Optimizer optimizer = settings.Create(weights.OneGroup);
        weights.SetGradients(0);
        for (int step = 0; step < 200; step++)
        {
            optimizer.Step(1e-3, 0.5);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 50; step++)
        {
            optimizer.Step(1e-3, 0.5);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void UpdatesAllocateNothing()
    {
        var weights = new Weights();
        using var average = new WeightAverage(weights.All);
        average.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            average.Update();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
