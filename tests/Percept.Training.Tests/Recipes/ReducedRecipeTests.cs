using Percept.Conformance;

namespace Percept.Training.Tests;

/// <summary>The first step of percept-tiny in small: from a configuration without weights to a tower that knows what it sees.</summary>
public sealed class ReducedRecipeTests : IDisposable
{
    private const int Samples = 64;
    private const int Last = 20;

    // Chance is ln 64 = 4.16 and 1 of 64.
    private const double MostLoss = 2.4;
    private const double LeastAccuracy = 0.25;

    private readonly string _folder = Directory.CreateTempSubdirectory("percept-reduced-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheReducedRecipeLearnsWhichCaptionBelongsToWhichPicture()
    {
        string recipes = Path.GetFullPath(Path.Combine(CaseFinder.FindCopies()!, "..", "..", "recipes", "percept-tiny"));
        Recipe recipe = Recipe.Read(Path.Combine(recipes, "reduced.yaml"), [$"model.from_config={Path.Combine(recipes, "clip")}"]);
        Assert.Equal(Samples, recipe.Batch.Samples);
        var steps = new List<TrainingProgress>();
        using (Trainer trainer = Trainer.Start(recipe, Path.Combine(_folder, "run")))
        {
            trainer.Run(new Kept(steps));
        }

        double first = steps.Take(5).Average(step => step.Loss), last = steps.TakeLast(Last).Average(step => step.Loss);
        double accuracy = steps.TakeLast(Last).Average(step => step.Metrics.Single(metric => metric.Key == "accuracy").Value);
        TestContext.Current.TestOutputHelper?.WriteLine(
            FormattableString.Invariant($"loss {first:0.00} at the beginning, {last:0.00} at the end, {accuracy:P1} right"));
        Assert.InRange(first, Math.Log(Samples) - 0.5, Math.Log(Samples) + 0.5);
        Assert.InRange(last, 0, MostLoss);
        Assert.InRange(accuracy, LeastAccuracy, 1);
    }

    private sealed class Kept(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }
}
