using Percept.Conformance;
using Percept.Data;
using Percept.Inference;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>The whole way of percept-tiny in small: from a configuration without weights to a model that describes pictures.</summary>
public sealed class ReducedRecipeTests : IDisposable
{
    private const int Asked = 60;
    private const int LeastRight = 30;
    private const double MostLoss = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("percept-reduced-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheReducedRecipeLearnsToDescribePictures()
    {
        string root = Path.GetFullPath(Path.Combine(CaseFinder.FindCopies()!, "..", ".."));
        string recipes = Path.Combine(root, "recipes", "percept-tiny");
        Recipe recipe = Recipe.Read(Path.Combine(recipes, "reduced.yaml"), [$"model.from_config={Path.Combine(recipes, "llava")}"]);
        var losses = new List<double>();
        string run = Path.Combine(_folder, "run");
        using (Trainer trainer = Trainer.Start(recipe, run))
        {
            trainer.Run(new Losses(losses));
        }

        double first = losses.Take(5).Average(), last = losses.TakeLast(20).Average();
        (int right, int blind) = Describe(Path.Combine(run, "model"));
        TestContext.Current.TestOutputHelper?.WriteLine(
            FormattableString.Invariant($"loss {first:0.00} at the beginning, {last:0.000} at the end; {right} of {Asked} captions right, blind {blind}"));
        Assert.InRange(last, 0, MostLoss);
        Assert.InRange(right, LeastRight, Asked);

        // Words alone do not tell what is in a picture: the same answers are wrong for the pictures beside them.
        Assert.InRange(blind, 0, right / 4);
    }

    private static (int Right, int Blind) Describe(string model)
    {
        IDataset data = GeneratedDatasets.Open($"generated:scenes-caption?seed=9&count={Asked}&side=100&things=2&split=validation");
        using MultimodalChat chat = MultimodalChat.Load(model);
        int right = 0, blind = 0;
        for (int i = 0; i < Asked; i++)
        {
            DatasetSample sample = data[i], beside = data[(i + 1) % Asked];
            string answer = Answer(chat, sample, sample);
            right += answer == sample.Messages[1].Text ? 1 : 0;
            blind += Answer(chat, sample, beside) == sample.Messages[1].Text ? 1 : 0;
        }

        return (right, blind);
    }

    /// <summary>The answer to a sample's question about the picture of another.</summary>
    private static string Answer(MultimodalChat chat, DatasetSample asked, DatasetSample shown)
    {
        var turn = ChatTurn.User(asked.Messages[0].Text, MediaContent.Of(shown.Media.Single().LoadImage()));
        return chat.AnswerAsync([turn]).GetAwaiter().GetResult().Text.Trim();
    }

    private sealed class Losses(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
