using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Single answers that are good become likelier, bad ones less likely.</summary>
public sealed class KtoTests : IDisposable
{
    private static readonly string[] s_letters = [.. RunFixture.Colours.Select(colour => colour.Letter)];
    private readonly RunFixture _runs = new();
    private readonly string _model;

    public KtoTests() => _model = _runs.TextModel("text");

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("parts.all=full")]
    [InlineData("parts.all=null", "parts.language_model.train=lora", "parts.language_model.r=8", "optimizer.learning_rate=1e-2")]
    public void GoodAnswersBecomeLikelierThanBadOnes(params string[] parts)
    {
        using Trainer trainer = Trainer.Start(Recipe(["steps=40", .. parts]), _runs.Folder("kto"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);

        // Before anything is learned, policy and reference are the same: 1 − σ(0).
        Assert.Equal(0.5, log[0].Loss, 6);
        Assert.Equal(0, Metric(log[0], "kl"), 6);
        Assert.True(log[^1].Loss < 0.4, $"The last loss is {log[^1].Loss}.");
        Assert.True(Metric(log[^1], "reward_desirable") > 0.2);
        Assert.True(Metric(log[^1], "reward_undesirable") < -0.2);
    }

    [Fact]
    public void TheLossIsThatOfTheFormula()
    {
        Recipe recipe = Recipe("loss.beta=0.4", "loss.desirable_weight=1.3", "loss.undesirable_weight=0.6");
        TrainedModel policy = TrainedModel.Load(recipe, _runs.TextModel("other", seed: 6)), reference = TrainedModel.LoadFrozen(_model);
        using var objective = new KtoObjective(policy, recipe.Loss, _model);
        (string Question, string Answer, bool Good)[] judged = [("a b", "c", true), ("d", "e f", false), ("g", "h a b", true)];
        TrainingItem[] items = [.. judged.Select(one => objective.Prepare(Sample(one.Question, one.Answer, one.Good), 0)!)];
        double Ratio(string question, string answer) => Likelihood(policy, question, answer) - Likelihood(reference, question, answer);
        double divergence = Math.Max(0, judged.Select((one, i) => Ratio(one.Question, judged[(i + 1) % 3].Answer)).Average());
        double expected = judged.Average(one =>
        {
            double x = 0.4 * (Ratio(one.Question, one.Answer) - divergence);
            return one.Good ? 1.3 * (1 - (1 / (1 + Math.Exp(-x)))) : 0.6 * (1 - (1 / (1 + Math.Exp(x))));
        });
        IReadOnlyList<IReadOnlyList<TrainingItem>> batches = [[items[0]], [items[1], items[2]]];
        var metrics = new StepMetrics();
        objective.Begin(batches, 0, metrics);
        Assert.Equal(divergence, metrics["kl"], 1e-4);
        Assert.Equal(expected, objective.Accumulate(batches, 0, metrics), 1e-4);
        Assert.Equal(expected, objective.Evaluate(items), 1e-4);
    }

    [Fact]
    public void OneSampleAStepHasNoOtherQuestion() => Assert.Contains(
        "'batch' has 1 sample a step", Assert.Throws<InvalidDataException>(
            () => Trainer.Start(Recipe("batch.samples=1", "batch.accumulate=1"), _runs.Folder("alone"))).Message, StringComparison.Ordinal);

    [Fact]
    public void ASampleThatIsNotJudgedIsNamed()
    {
        using var objective = new KtoObjective(TrainedModel.Load(Recipe(), _model), Recipe().Loss, _model);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => objective.Prepare(Sample("q", "a", null), 0));
        Assert.Contains("sample 'q'", error.Message);
        Assert.Contains("kto_tag", error.Message);
    }

    private static double Metric(TrainingProgress step, string name) => step.Metrics.Single(pair => pair.Key == name).Value;

    private static DatasetSample Sample(string question, string answer, bool? good) => new()
    {
        Id = question,
        Messages = [DataMessage.User(question), DataMessage.Assistant(answer)],
        IsDesirable = good,
    };

    /// <summary>The log-probability of an answer and of the token that ends it.</summary>
    private static double Likelihood(TrainedModel model, string question, string answer)
    {
        using TensorScope scope = TensorScope.Open();
        string prompt = $"<|im_start|>user\n{question}<|im_end|><|im_start|>assistant\n";
        int before = model.NeedProcessor().Prepare(prompt, []).Ids.Count;
        int[] ids = [.. model.NeedProcessor().Prepare($"{prompt}{answer}<|im_end|>", []).Ids];
        ILanguageModel language = model.NeedLanguage();
        var batch = new SequenceBatch();
        batch.Add(ids.Length);
        Tensor logs = Ops.LogSoftmax(language.Logits(language.Forward(language.Embed(Tensor.From<int>(ids, [ids.Length])), batch)));
        float[] all = logs.Span<float>().ToArray();
        return Enumerable.Range(before, ids.Length - before).Sum(i => (double)all[((i - 1) * language.VocabularySize) + ids[i]]);
    }

    private Recipe Recipe(params string[] changes) => Recipe(_runs, _model, changes);

    /// <summary>Each letter asked for once with the right answer and once with a wrong one.</summary>
    internal static Recipe Recipe(RunFixture runs, string model, params string[] changes)
    {
        string data = runs.Records("judged.jsonl", s_letters.SelectMany((letter, i) => new[] { (letter, "true"), (s_letters[(i + 3) % 8], "false") }
            .Select(pair =>
                $$"""{"messages": [{"role": "user", "content": "q {{letter}}"}, {"role": "assistant", "content": "{{pair.Item1}}"}], "kto_tag": {{pair.Item2}}}""")));
        return runs.Recipe(
        [
            $"model.path={model}", $"data.0.path={data}", "loss.kind=preference", "loss.formula=kto", "freeze=[]", "steps=4", "batch.samples=8",
            "batch.accumulate=2", "optimizer.learning_rate=3e-3", "checkpoints.every=0", .. changes,
        ]);
    }
}
