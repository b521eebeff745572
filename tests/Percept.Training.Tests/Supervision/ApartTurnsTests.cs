using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

public sealed class ApartTurnsTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void QuestionsThatStandApartAreLearnedAsIfEachWereAskedAlone()
    {
        IDataset dataset = DatasetReader.Open(_runs.Data);
        DataMessage picture = dataset[0].Messages[0];
        (string Question, string Answer)[] turns = [("q", "a"), ("qq q", "b c"), ("q", "d"), ("h g", "a a a")];
        DatasetSample all = dataset[0] with
        {
            TurnsApart = true,
            Messages =
            [
                picture, DataMessage.Assistant(turns[0].Answer),
                .. turns.Skip(1).SelectMany(turn => (DataMessage[])[DataMessage.User(turn.Question), DataMessage.Assistant(turn.Answer)]),
            ],
        };
        DatasetSample Alone((string Question, string Answer) turn) => dataset[0] with
        {
            Messages = [DataMessage.User([picture.Parts.First(part => part.Media is not null), turn.Question]), DataMessage.Assistant(turn.Answer)],
        };
        all = all with { Messages = [Alone(turns[0]).Messages[0], .. all.Messages.Skip(1)] };

        TrainedModel model = Load();
        using var objective = new SupervisedObjective(model, new LossRecipe { Kind = "supervised", MostTokens = 512 });
        (double loss, Dictionary<string, float[]> gradients) = Learned(model, objective, [all]);
        (double alone, Dictionary<string, float[]> wanted) = Learned(model, objective, [.. turns.Select(Alone)]);
        Assert.Equal(alone, loss, 1e-5);
        foreach ((string name, float[] gradient) in wanted)
        {
            float most = gradient.Max(Math.Abs);
            Assert.All(gradient.Zip(gradients[name]), pair => Assert.Equal(pair.First, pair.Second, (1e-4f * most) + 1e-7f));
        }

        // As one conversation they are not: later answers follow from earlier ones.
        (double together, _) = Learned(model, objective, [all with { TurnsApart = false }]);
        Assert.True(Math.Abs(together - alone) > 1e-3, $"{together} {alone}");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void QuestionsThatStandApartFollowOnWhatTheyHaveInCommon(bool hasPicture, bool learnsCommon)
    {
        IDataset dataset = DatasetReader.Open(_runs.Data);
        DataMessage[] common =
        [
            hasPicture ? dataset[0].Messages[0] : DataMessage.User("h h"), DataMessage.Assistant("a b c") with { IsSupervised = learnsCommon },
        ];
        (string Question, string Answer)[] turns = [("q", "a"), ("qq q", "b c"), ("q", "d")];
        DatasetSample Of(bool learns, params (string Question, string Answer)[] asked) => new()
        {
            Id = "x",
            TurnsApart = true,
            CommonMessages = 2,
            Messages =
            [
                common[0], common[1] with { IsSupervised = learns },
                .. asked.SelectMany(turn => (DataMessage[])[DataMessage.User(turn.Question), DataMessage.Assistant(turn.Answer)]),
            ],
        };
        TrainedModel model = Load();
        using var objective = new SupervisedObjective(model, new LossRecipe { Kind = "supervised", MostTokens = 512 });
        (double loss, Dictionary<string, float[]> gradients) = Learned(model, objective, [Of(learnsCommon, turns)]);

        // What they have in common is learned once.
        (double alone, Dictionary<string, float[]> wanted) = Learned(
            model, objective, [.. turns.Select((turn, i) => Of(learnsCommon && i == 0, turn))]);
        Assert.Equal(alone, loss, 1e-5);
        foreach ((string name, float[] gradient) in wanted)
        {
            float most = gradient.Max(Math.Abs);
            Assert.All(gradient.Zip(gradients[name]), pair => Assert.Equal(pair.First, pair.Second, (1e-4f * most) + 1e-7f));
        }

        (double together, _) = Learned(model, objective, [Of(learnsCommon, turns) with { TurnsApart = false }]);
        Assert.True(Math.Abs(together - alone) > 1e-3, $"{together} {alone}");
        Assert.Equal([common[0].Text, "a b c", "q"], SupervisedSpans.Question(Of(true, turns)).Select(message => message.Text));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void TextsAloneStandApartBehindTheSystemsMessage(bool hasSystem, bool onPrompt)
    {
        DataMessage[] system = hasSystem ? [DataMessage.System("a b c")] : [];
        (string Question, string Answer)[] turns = [("q", "a"), ("qq q", "b c"), ("q", "d")];
        DatasetSample Of(IEnumerable<(string Question, string Answer)> asked) => new()
        {
            Id = "x",
            TurnsApart = true,
            Messages = [.. system, .. asked.SelectMany(turn => (DataMessage[])[DataMessage.User(turn.Question), DataMessage.Assistant(turn.Answer)])],
        };
        TrainedModel model = Load();
        using var objective = new SupervisedObjective(model, new LossRecipe { Kind = "supervised", MostTokens = 512, TrainOnPrompt = onPrompt });
        (double loss, _) = Learned(model, objective, [Of(turns)]);
        double sum = 0, weight = 0;
        foreach ((string, string) turn in turns)
        {
            using TrainingItem item = objective.Prepare(Of([turn]), 0)!;
            (double own, _) = Learned(model, objective, [Of([turn])]);
            (sum, weight) = (sum + (own * item.Weight), weight + item.Weight);
        }

        if (!onPrompt)
        {
            Assert.Equal(sum / weight, loss, 1e-5);
        }

        Assert.True(double.IsFinite(loss));
        (double together, _) = Learned(model, objective, [Of(turns) with { TurnsApart = false }]);
        Assert.True(Math.Abs(together - loss) > 1e-4, $"{together} {loss}");
    }

    [Fact]
    public void AMediumBehindTheFirstAnswerIsRefused()
    {
        IDataset dataset = DatasetReader.Open(_runs.Data);
        DatasetSample sample = dataset[0] with
        {
            TurnsApart = true,
            Messages = [DataMessage.User("q"), DataMessage.Assistant("a"), .. dataset[0].Messages],
        };
        TrainedModel model = Load();
        using var objective = new SupervisedObjective(model, new LossRecipe { Kind = "supervised", MostTokens = 512 });
        Assert.Contains("together", Assert.Throws<InvalidDataException>(() => objective.Prepare(sample, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLastOfSeveralQuestionsIsAskedWithTheirPicture()
    {
        IDataset dataset = DatasetReader.Open(_runs.Data);
        DatasetSample sample = dataset[0] with
        {
            TurnsApart = true,
            Messages = [.. dataset[0].Messages, DataMessage.User("h g"), DataMessage.Assistant("b")],
        };
        DataMessage asked = Assert.Single(SupervisedSpans.Question(sample));
        Assert.Equal("h g", asked.Text);
        Assert.Equal(dataset[0].Media.Single().Path, asked.Media.Single().Path);
        Assert.Equal(3, SupervisedSpans.Question(sample with { TurnsApart = false }).Count);
    }

    [Fact]
    public void TheRecipeSaysHowTurnsStand()
    {
        Recipe recipe = _runs.Recipe("data.0.turns=apart");
        Assert.True(RecipeData.Open(recipe.Data)[0].Dataset[0].TurnsApart);
        Assert.False(RecipeData.Open(_runs.Recipe().Data)[0].Dataset[0].TurnsApart);
        IDataset scenes = GeneratedDatasets.Open("generated:scenes-vqa?seed=1&count=4&questions=5");
        Assert.True(scenes[0].TurnsApart);
        Assert.False(GeneratedDatasets.Open("generated:scenes-dialogue?seed=1&count=4")[0].TurnsApart);
    }

    [Fact]
    public void TheRecipeSaysOfWhatPiecesAnswersAre()
    {
        Recipe recipe = _runs.Recipe("data.0.pieces=letters");
        DatasetSample sample = RecipeData.Open(recipe.Data)[0].Dataset[0];
        Assert.Equal((true, false), (sample.AnswersByLetter, sample.TurnsApart));
        recipe = _runs.Recipe("data.0.pieces=letters", "data.0.path=null", "data.0.generated=words?count=4&questions=2");
        sample = RecipeData.Open(recipe.Data)[0].Dataset[0];
        Assert.Equal((true, true), (sample.AnswersByLetter, sample.TurnsApart));
        Assert.False(RecipeData.Open(_runs.Recipe().Data)[0].Dataset[0].AnswersByLetter);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LengthsAreThoseOfLetters(bool masksHistory)
    {
        Recipe recipe = _runs.Recipe("batch.tokens=200", masksHistory ? "loss.mask_history=true" : "loss.mask_history=false");
        TrainedModel model = Load();
        var lengths = new SampleLengths(recipe, model, RecipeData.Open(recipe.Data));
        var spans = new SupervisedSpans(model.NeedProcessor(), recipe.Loss.Supervision());
        DatasetSample sample = DatasetReader.Open(_runs.Data)[0];
        sample = sample with
        {
            Messages = [DataMessage.User("q"), DataMessage.Assistant("the other thing there"), DataMessage.User("q"), DataMessage.Assistant("another thing")],
        };
        DatasetSample letters = sample with { AnswersByLetter = true };
        Assert.Equal(spans.CountTokens(letters) - spans.CountTokens(sample), lengths.AtLeast(letters) - lengths.AtLeast(sample));
        Assert.True(lengths.AtLeast(letters) > lengths.AtLeast(sample));
    }

    private TrainedModel Load() => TrainedModel.Load(_runs.Recipe(), _runs.Model);

    private static (double Loss, Dictionary<string, float[]> Gradients) Learned(TrainedModel model, SupervisedObjective objective, DatasetSample[] samples)
    {
        TrainingItem[] items = [.. samples.Select(sample => objective.Prepare(sample, 0)!)];
        double loss = objective.Accumulate([items], 0, new StepMetrics());
        var gradients = model.Parameters.Where(parameter => parameter.Value.Grad is not null)
            .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.Grad!.Value.ToArray<float>());
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.ZeroGrad();
        }

        Array.ForEach(items, item => item.Dispose());
        return (loss, gradients);
    }
}
