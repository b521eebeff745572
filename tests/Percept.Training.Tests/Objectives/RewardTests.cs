using System.Text.Json.Nodes;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Reward models are made of language models, and learn which of two answers is better.</summary>
public sealed class RewardTests : IDisposable
{
    private static readonly string[] s_letters = [.. RunFixture.Colours.Select(colour => colour.Letter)];
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("parts.all=full")]
    [InlineData("parts.all=null", "parts.head=full", "parts.language_model.train=lora", "parts.language_model.r=8")]
    public void TheBetterAnswerGetsTheGreaterReward(params string[] parts)
    {
        using Trainer trainer = Trainer.Start(Rewards(parts), _runs.Folder("reward"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        Assert.InRange(log[0].Loss, 0.3, 1.5);
        Assert.True(log[^1].Loss < 0.1, $"The last loss is {log[^1].Loss}.");
        Assert.Equal(1, Metric(log[^1], "accuracy"));
        Assert.True(Metric(log[^1], "margin") > 2);

        // The folder loads as a classifier, and gives what the run ended with.
        TrainedModel saved = TrainedModel.LoadFrozen(trainer.Folder.Model);
        var classifier = Assert.IsType<DecoderClassifier>(saved.Loaded.Model);
        Assert.Equal(1, classifier.Classes);
        var spans = new SupervisedSpans(saved.NeedProcessor());
        (SupervisedPrompt better, SupervisedPrompt worse) = spans.PreparePair(Pair("c", "c", "f"));
        Assert.True(Score(classifier, better) > Score(classifier, worse) + 1);
    }

    [Fact]
    public void TheLossIsThatOfTheFormula()
    {
        Recipe recipe = Rewards(["parts.all=full", "loss.centering=0.3"]);
        using Trainer trainer = Trainer.Start(recipe, _runs.Folder("reward"));
        TrainedModel model = trainer.Model;
        var objective = new RewardObjective(model, recipe.Loss);
        DatasetSample[] samples = [Pair("a", "a", "d"), Pair("b", "b", "e"), Pair("c", "c", "f")];
        TrainingItem[] items = [.. samples.Select((sample, i) => objective.Prepare(sample, (ulong)i)!)];
        var classifier = (DecoderClassifier)model.Loaded.Model;
        double expected = 0;
        foreach (PreferenceItem item in items.Cast<PreferenceItem>())
        {
            double better = Score(classifier, item.Chosen.Conversation), worse = Score(classifier, item.Rejected.Conversation);
            Assert.NotEqual(better, worse);
            expected += (Math.Log(1 + Math.Exp(worse - better)) + (0.3 * Math.Pow(better + worse, 2))) / 3;
        }

        Assert.Equal(expected, objective.Evaluate(items), 1e-5);
        var metrics = new StepMetrics();
        Assert.Equal(expected, objective.Accumulate([[items[0], items[1]], [items[2]]], 0, metrics), 1e-5);
    }

    [Fact]
    public void TheNewModelIsTheOldOneWithAnotherHead()
    {
        using Trainer trainer = Trainer.Start(Rewards(["parts.all=full"]), _runs.Folder("reward"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(trainer.Folder.InitialModel, "config.json")))!;
        Assert.Equal("Qwen2ForSequenceClassification", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(320, config["pad_token_id"]!.GetValue<int>());
        Assert.Single(config["id2label"]!.AsObject());
        Assert.Equal(32, trainer.Plan.Parts.Single(part => part.Name == ModelParts.Head).Trained);
    }

    [Fact]
    public void AFrozenHeadIsRefused()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(Rewards(["parts.language_model=lora"], all: "null"), _runs.Folder("reward")));
        Assert.Contains("parts.head", error.Message);
    }

    [Fact]
    public void AModelWithPicturesIsRefused()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => Trainer.Start(Rewards([$"model.path={_runs.Model}"]), _runs.Folder("reward")));
        Assert.Contains("'llava'", error.Message);
        Assert.Contains("model.path", error.Message);
    }

    private static double Metric(TrainingProgress step, string name) => step.Metrics.Single(pair => pair.Key == name).Value;

    private static DatasetSample Pair(string question, string chosen, string rejected) => new()
    {
        Id = question,
        Messages = [DataMessage.User($"q {question}")],
        Chosen = [DataMessage.Assistant(chosen)],
        Rejected = [DataMessage.Assistant(rejected)],
    };

    private static double Score(DecoderClassifier classifier, SupervisedPrompt prompt)
    {
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        batch.Add(prompt.Prompt.Ids.Count);
        Tensor ids = Tensor.From<int>(prompt.Prompt.Ids.ToArray(), [prompt.Prompt.Ids.Count]);
        return classifier.Classify(new TextInput(ids), batch).Item();
    }

    private Recipe Rewards(string[] changes, string all = "full")
    {
        string model = _runs.Folder("text");
        if (!Directory.Exists(model))
        {
            _runs.TextModel("text");
        }

        string data = _runs.Records("pairs.jsonl", s_letters.Select((letter, i) =>
            $$"""{"messages": [{"role": "user", "content": "q {{letter}}"}], "chosen": "{{letter}}", "rejected": "{{s_letters[(i + 3) % 8]}}"}"""));
        return _runs.Recipe(
        [
            $"model.path={model}", $"data.0.path={data}", "loss.kind=reward", "freeze=[]", "steps=40", "batch.accumulate=1", "batch.samples=8",
            "optimizer.learning_rate=5e-3", "checkpoints.every=0", $"parts.all={all}", .. changes,
        ]);
    }
}
