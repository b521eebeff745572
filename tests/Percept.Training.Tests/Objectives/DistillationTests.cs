using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Students come to find likely what a frozen teacher does.</summary>
public sealed class DistillationTests : IDisposable
{
    private static readonly string[] s_letters = [.. RunFixture.Colours.Select(colour => colour.Letter)];
    private readonly RunFixture _runs = new();
    private readonly string _student;
    private readonly string _teacher;

    public DistillationTests()
    {
        _student = _runs.TextModel("student", seed: 1, hidden: 32);
        _teacher = _runs.TextModel("teacher", seed: 2, hidden: 48);
    }

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("forward")]
    [InlineData("reverse")]
    [InlineData("jensen_shannon")]
    public void AStudentComesToAgreeWithItsTeacher(string divergence)
    {
        byte[] before = File.ReadAllBytes(Path.Combine(_teacher, "model.safetensors"));
        using Trainer trainer = Trainer.Start(Recipe($"loss.divergence={divergence}", "steps=60"), _runs.Folder("run"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        Assert.True(log[^1].Loss < 0.1 * log[0].Loss, $"The loss fell from {log[0].Loss} to {log[^1].Loss}.");
        Assert.True(log[0].Metrics.Single(pair => pair.Key == "agreement").Value < 0.2);
        Assert.True(log[^1].Metrics.Single(pair => pair.Key == "agreement").Value > 0.5);

        // The answers of the data are another thing: this teacher was never taught them.
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_teacher, "model.safetensors")));
    }

    [Theory]
    [InlineData("forward", 1, 1, 0)]
    [InlineData("forward", 2.5, 0.7, 0.4)]
    [InlineData("reverse", 1.5, 1, 0.2)]
    [InlineData("jensen_shannon", 1, 1, 0)]
    public void TheLossIsThatOfTheFormula(string divergence, double temperature, double weight, double labels)
    {
        Recipe recipe = Recipe(FormattableString.Invariant($"loss.temperature={temperature}"), $"loss.divergence={divergence}",
            FormattableString.Invariant($"loss.divergence_weight={weight}"), FormattableString.Invariant($"loss.label_weight={labels}"), "loss.beta=0.3");
        TrainedModel student = TrainedModel.Load(recipe, _student);
        ILanguageModel teacher = TrainedModel.LoadFrozen(_teacher).NeedLanguage();
        using var objective = new DistillationObjective(student, recipe.Loss);
        TrainingItem[] items = [.. new[] { "a", "bb cc", "d e f g" }.Select(answer => objective.Prepare(Asked("q", answer), 0)!)];
        double expected = 0, count = 0;
        foreach (DistillationItem item in items.Cast<DistillationItem>())
        {
            double[][] own = Logits(student.NeedLanguage(), item), other = Logits(teacher, item);
            IReadOnlyList<int> targets = item.Student.Conversation.Labels;
            for (int i = 1; i < targets.Count; i++)
            {
                if (targets[i] != SupervisedPrompt.Ignored)
                {
                    double[] p = Softmax(other[i - 1], temperature), q = Softmax(own[i - 1], temperature);
                    double[] m = [.. p.Zip(q, (a, b) => (0.3 * a) + (0.7 * b))];
                    double apart = divergence switch
                    {
                        "forward" => Kl(p, q),
                        "reverse" => Kl(q, p),
                        _ => (0.3 * Kl(p, m)) + (0.7 * Kl(q, m)),
                    };
                    expected += (weight * temperature * temperature * apart) - (labels * Math.Log(Softmax(own[i - 1], 1)[targets[i]]));
                    count++;
                }
            }
        }

        Assert.Equal(items.Sum(item => item.Weight), count);
        Assert.Equal(expected / count, objective.Evaluate(items), 1e-4);
        Assert.Equal(expected / count, objective.Accumulate([[items[0]], [items[1], items[2]]], 0, new StepMetrics()), 1e-4);
        Assert.All(student.Parameters, parameter => Assert.NotNull(parameter.Value.Grad));
    }

    [Fact]
    public void OtherVocabulariesAreRefused()
    {
        string config = Path.Combine(_runs.Folder("teacher-config"), "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("336", "340", StringComparison.Ordinal));
        WeightInitializer.Write(_runs.Folder("teacher-config"), _runs.Folder("wide"), "auto", null, 2);
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(Recipe($"loss.teacher={_runs.Folder("wide")}"), _runs.Folder("run")));
        Assert.Contains("loss.teacher", error.Message);
        Assert.Contains("340", error.Message);
        Assert.Contains("336", error.Message);

        string tokenizer = Path.Combine(_teacher, "tokenizer.json");
        File.WriteAllText(tokenizer, File.ReadAllText(tokenizer).Replace("<video>", "<movie>", StringComparison.Ordinal));
        string settings = Path.Combine(_teacher, "tokenizer_config.json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("<video>", "<movie>", StringComparison.Ordinal));
        error = Assert.Throws<InvalidDataException>(() => Trainer.Start(Recipe(), _runs.Folder("run2")));
        Assert.Contains("token 324", error.Message);
        Assert.Contains("'<movie>'", error.Message);
    }

    [Fact]
    public void AnswersThatEndOtherwiseAreRefused()
    {
        string template = Path.Combine(_teacher, "chat_template.jinja");
        File.WriteAllText(template, File.ReadAllText(template).Replace("}}<|im_end|>", "}}.<|im_end|>", StringComparison.Ordinal));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Trainer.Start(Recipe(), _runs.Folder("run")));
        Assert.Contains("chat template", error.Message);
    }

    [Fact]
    public void ATeacherMustBeNamed()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Recipe("loss.teacher=null"));
        Assert.Contains("'loss.teacher' must be given", error.Message);
    }

    private static DatasetSample Asked(string question, string answer) => new()
    {
        Id = answer,
        Messages = [DataMessage.User(question), DataMessage.Assistant(answer)],
    };

    private static double[][] Logits(ILanguageModel model, DistillationItem item)
    {
        using TensorScope scope = TensorScope.Open();
        IReadOnlyList<int> ids = item.Student.Conversation.Prompt.Ids;
        var batch = new SequenceBatch();
        batch.Add(ids.Count);
        float[] logits = model.Logits(model.Forward(model.Embed(Tensor.From<int>(ids.ToArray(), [ids.Count])), batch)).Span<float>().ToArray();
        return [.. logits.Chunk(model.VocabularySize).Select(row => row.Select(value => (double)value).ToArray())];
    }

    private static double[] Softmax(double[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(value => Math.Exp(value / temperature))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private static double Kl(double[] p, double[] q) => p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();

    private Recipe Recipe(params string[] changes)
    {
        string data = _runs.Records("answers.jsonl", s_letters.Select(letter =>
            $$"""{"messages": [{"role": "user", "content": "q {{letter}}"}, {"role": "assistant", "content": "{{letter}}"}]}"""));
        return _runs.Recipe(
        [
            $"model.path={_student}", $"loss.teacher={_teacher}", $"data.0.path={data}", "loss.kind=distillation", "freeze=[]", "steps=4",
            "batch.accumulate=1", "batch.samples=8", "optimizer.learning_rate=1e-2", "checkpoints.every=0", .. changes,
        ]);
    }
}
