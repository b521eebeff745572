using Xunit;

namespace Percept.Training.Tests;

/// <summary>Shapes of the schedules; their numbers are compared by golden cases.</summary>
public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData("constant", 1.0, 1.0)]
    [InlineData("constant_with_warmup", 0.0, 1.0)]
    [InlineData("linear", 0.0, 0.0)]
    [InlineData("cosine", 0.0, 0.0)]
    [InlineData("cosine_with_restarts", 0.0, 0.0)]
    [InlineData("polynomial", 0.0, 0.01)]
    [InlineData("cosine_with_min_lr", 0.0, 0.1)]
    [InlineData("warmup_stable_decay", 0.1, 0.1)]
    public void EachBeginsAndEndsWhereItShould(string name, double first, double last)
    {
        var schedule = new LearningRateSchedule
        {
            Kind = ScheduleNames.Kind(name),
            LearningRate = 2,
            WarmupSteps = 10,
            TrainingSteps = 100,
            DecaySteps = 20,
            EndRate = 0.02,
            MinimumFactor = 0.1,
        };
        Assert.Equal(2 * first, schedule.Rate(0), 1e-12);
        Assert.Equal(2, schedule.Rate(10), 1e-12);
        Assert.Equal(2 * last, schedule.Rate(100), 1e-12);
        for (long step = 0; step < 150; step++)
        {
            Assert.InRange(schedule.Rate(step), 0, 2 + 1e-12);
        }
    }

    [Fact]
    public void OneCycleEndsAtItsLeastRateAndStaysThere()
    {
        var schedule = new LearningRateSchedule { Kind = ScheduleKind.OneCycle, LearningRate = 1, TrainingSteps = 50 };
        Assert.Equal(1 / 25.0, schedule.Rate(0), 1e-12);
        Assert.Equal(1, schedule.Rate(14), 1e-12);
        Assert.Equal(1 / 25e4, schedule.Rate(49), 1e-12);
        Assert.Equal(1 / 25e4, schedule.Rate(500), 1e-12);
    }

    [Fact]
    public void AnUnknownNameIsAnErrorThatListsTheOthers()
    {
        Assert.Contains("warmup_stable_decay", Assert.Throws<InvalidDataException>(() => ScheduleNames.Kind("cosin")).Message);
        Assert.Contains("1-sqrt", Assert.Throws<InvalidDataException>(() => ScheduleNames.Curve("sqrt")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().Rate(-1));
    }
}
