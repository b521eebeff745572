using Xunit;

namespace Percept.Training.Tests;

/// <summary>The small recipe of percept-tiny, from a model made from nothing: one minute on two cores.</summary>
[Collection(nameof(AllocationTests))]
public sealed class ReducedRecipeTests : IDisposable
{
    private const int Last = 10;

    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    /// <summary>
    /// Which caption of 64 belongs to a picture: by chance a loss of ln 64 = 4.16 and 1.6 % right. With a tower that stays as it was drawn, which
    /// is what a gradient that does not reach it amounts to, the same steps end near chance.
    /// </summary>
    [Fact]
    public void ANewTowerLearnsWhichCaptionBelongsToWhichPicture()
    {
        string root = RunFixture.Repository;
        Recipe recipe = Recipe.Read(
            Path.Combine(root, "recipes", "percept-tiny", "reduced.yaml"),
            [$"model.from_config={Path.Combine(root, "recipes", "percept-tiny", "clip")}"]);
        using Trainer trainer = Trainer.Start(recipe, _runs.Folder("reduced"));
        var seen = new Seen();
        TrainingResult result = trainer.Run(seen);
        Assert.True(result.Finished);
        TrainingProgress[] last = [.. seen.Steps.TakeLast(Last)];
        double loss = last.Average(step => step.Loss);
        double accuracy = last.Average(step => step.Metrics.Single(metric => metric.Key == "accuracy").Value);
        TestContext.Current.TestOutputHelper?.WriteLine($"loss {loss:F3}, accuracy {accuracy:P1}");
        Assert.InRange(seen.Steps[0].Loss, Math.Log(64) - 0.5, Math.Log(64) + 0.5);
        Assert.True(loss < 3.2, $"The loss is {loss}.");
        Assert.True(accuracy > 0.1, $"The accuracy is {accuracy}.");
    }

    private sealed class Seen : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Steps { get; } = [];

        public void Report(TrainingProgress value) => Steps.Add(value);
    }
}
