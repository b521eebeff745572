using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Models are moved towards answers that earn more.</summary>
public sealed class PolicyTests(PolicyFixture fixture) : IClassFixture<PolicyFixture>, IDisposable
{
    private readonly string _folder = Guid.NewGuid().ToString("n");

    public void Dispose()
    {
        foreach (string folder in Directory.EnumerateDirectories(fixture.Runs.Root, _folder + "*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("loss.kind=grpo", "loss.beta=0")]
    [InlineData("loss.kind=grpo", "loss.formula=bnpo")]
    [InlineData("loss.kind=grpo", "loss.formula=gspo", "loss.iterations=2", "loss.temperature=1.3")]
    [InlineData("loss.kind=ppo", "loss.group_size=8", "loss.iterations=2", "loss.value_weight=0.5")]
    public void AModelComesToGiveTheAnswersThatAreRewarded(params string[] changes)
    {
        IReadOnlyList<TrainingProgress> log = Train(["steps=40", "optimizer.learning_rate=3e-3", .. changes]);
        double early = Mean(log.Take(3), "reward"), late = Mean(log.TakeLast(5), "reward");
        Assert.InRange(early, 0.05, 0.55);

        Assert.True(late > 0.9, $"The reward went from {early} to {late}.");
        Assert.True(Mean(log.TakeLast(5), "entropy") < 0.6 * Mean(log.Take(3), "entropy"));
        Assert.InRange(Mean(log.TakeLast(5), "answer_length"), 1.9, 2.2);
        Assert.True(Mean(log.TakeLast(5), "ended") > 0.95);
    }

    [Fact]
    public void AnAdapterLearnsAgainstTheModelWithoutIt()
    {
        IReadOnlyList<TrainingProgress> log = Train(
        [
            "steps=50", "optimizer.learning_rate=1e-2", "loss.kind=grpo", "parts.all=null", "parts.language_model.train=lora",
            "parts.language_model.r=8",
        ]);
        Assert.Equal(0, log[0].Metrics.Single(pair => pair.Key == "kl").Value, 1e-6);
        Assert.True(Mean(log.TakeLast(5), "kl") > 0.1);

        // Whoever gives every question the same answer earns 0.5.
        Assert.True(Mean(log.TakeLast(10), "reward") > 0.65, $"The reward is {Mean(log.TakeLast(10), "reward")}.");
    }

    [Fact]
    public void WhatIsPunishedVanishes()
    {
        IReadOnlyList<TrainingProgress> log = Train(["steps=25", "optimizer.learning_rate=4e-3", "loss.kind=grpo", "loss.rewards.0.weight=-1"]);
        Assert.True(Mean(log.Take(3), "reward") < -0.05);
        Assert.True(Mean(log.TakeLast(5), "reward") > -0.03, $"The reward is {Mean(log.TakeLast(5), "reward")} in the end.");
    }

    [Fact]
    public void TheDistanceFromTheReferenceHoldsTheModelBack()
    {
        string[] changes = ["steps=20", "optimizer.learning_rate=4e-3", "loss.kind=grpo", "loss.iterations=2"];
        double loose = Mean(Train([.. changes, "loss.beta=0.001"], "loose").TakeLast(5), "kl");
        IReadOnlyList<TrainingProgress> held = Train([.. changes, "loss.beta=3"], "held");
        Assert.Equal(0, held[0].Metrics.Single(pair => pair.Key == "kl").Value, 0.05);
        Assert.True(Mean(held.TakeLast(5), "kl") < 0.3 * loose, $"{Mean(held.TakeLast(5), "kl")} and {loose}");
    }

    [Theory]
    [InlineData("grpo", 1)]
    [InlineData("bnpo", 1)]
    [InlineData("dr_grpo", 1)]
    [InlineData("gspo", 1)]
    [InlineData("grpo", 0.7)]
    public void TheGradientIsThatOfTheAnswersWeighedByTheirAdvantages(string formula, double temperature)
    {
        Recipe recipe = fixture.Recipe(
            "loss.kind=grpo", $"loss.formula={formula}", "loss.beta=0", "loss.group_size=4", FormattableString.Invariant($"loss.temperature={temperature}"));
        TrainedModel model = TrainedModel.Load(recipe, fixture.Model);
        using var objective = new GrpoObjective(model, recipe.Loss, 11, fixture.Model);
        IReadOnlyList<IReadOnlyList<TrainingItem>> batches = Batches(objective);
        objective.Begin(batches, 0, new StepMetrics());
        objective.Accumulate(batches, 0, new StepMetrics());
        float[][] gradients = [.. model.Parameters.Select(parameter => parameter.Value.Grad!.Value.Span<float>().ToArray())];
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.ZeroGrad();
        }

        Rollout[] rollouts = [.. objective.Rollouts];
        int answers = rollouts.Sum(rollout => rollout.Completions.Count), tokens = rollouts.Sum(rollout => rollout.Tokens);
        Assert.Equal(16, answers);
        foreach (Rollout rollout in rollouts)
        {
            for (int row = 0; row < rollout.Completions.Count; row++)
            {
                Completion one = rollout.Completions[row];
                double[] group = [.. rollout.Rewards.Skip(row / 4 * 4).Take(4).Select(reward => (double)reward)];
                double mean = group.Average(), deviation = Math.Sqrt(group.Sum(reward => Math.Pow(reward - mean, 2)) / 3);
                double advantage = (rollout.Rewards[row] - mean) / (formula == "dr_grpo" ? 1 : deviation + 1e-4);
                double divisor = formula switch { "bnpo" => tokens, "dr_grpo" => 4.0 * answers, _ => (double)answers * one.Tokens.Count };
                using TensorScope scope = TensorScope.Open();
                Gradients.Backward(Ops.Scale(Ops.Sum(LogProbabilities(model, one, temperature)), (float)(-advantage / divisor)));
            }
        }

        for (int i = 0; i < gradients.Length; i++)
        {
            ReadOnlySpan<float> expected = model.Parameters[i].Value.Grad!.Value.Span<float>();
            float most = gradients[i].Max(Math.Abs);
            Assert.True(most > 0, model.Parameters[i].Name);
            for (int j = 0; j < expected.Length; j++)
            {
                Assert.Equal(expected[j], gradients[i][j], Math.Max(1e-6, 2e-3 * most));
            }
        }
    }

    [Fact]
    public void ALaterUpdateOfGrpoHasTheLossOfTheFormula()
    {
        Recipe recipe = fixture.Recipe("loss.kind=grpo", "loss.beta=0.5", "loss.group_size=4", "loss.iterations=2", "loss.clip=0.1", "loss.clip_high=0.3");
        TrainedModel model = TrainedModel.Load(recipe, fixture.Model);
        using var objective = new GrpoObjective(model, recipe.Loss, 11, fixture.Model);
        IReadOnlyList<IReadOnlyList<TrainingItem>> batches = Batches(objective);
        objective.Begin(batches, 0, new StepMetrics());
        Move(model);
        var metrics = new StepMetrics();
        double loss = objective.Accumulate(batches, 0, metrics), expected = 0, kl = 0, clipped = 0, tokens = 0;
        foreach (Rollout rollout in objective.Rollouts)
        {
            for (int row = 0; row < rollout.Completions.Count; row++)
            {
                Completion one = rollout.Completions[row];
                double[] now = Numbers(model, one), own = new double[now.Length];
                double advantage = rollout.Advantages[row];
                for (int i = 0; i < now.Length; i++)
                {
                    int at = (row * rollout.Length) + i;
                    double ratio = Math.Exp(now[i] - rollout.Old![at]), apart = rollout.Reference![at] - now[i];
                    own[i] = -Math.Min(ratio * advantage, Math.Clamp(ratio, 0.9, 1.3) * advantage) + (0.5 * (Math.Exp(apart) - apart - 1));
                    kl += Math.Exp(apart) - apart - 1;
                    clipped += (ratio < 0.9 && advantage < 0) || (ratio > 1.3 && advantage > 0) ? 1 : 0;
                    tokens++;
                }

                expected += own.Average() / 16;
            }
        }

        Assert.Equal(expected, loss, 1e-4);
        Assert.Equal(kl / tokens, metrics["kl"], 1e-4);
        Assert.Equal(clipped / tokens, metrics["clip_fraction"], 1e-6);
        Assert.InRange(metrics["clip_fraction"], 0.01, 0.99);
    }

    [Fact]
    public void PpoHasTheLossOfTheFormula()
    {
        Recipe recipe = fixture.Recipe("loss.kind=ppo", "loss.beta=0.3", "loss.group_size=3", "loss.gamma=0.9", "loss.lambda=0.8", "loss.value_weight=0.7");
        TrainedModel model = TrainedModel.Load(recipe, fixture.Model);
        using var objective = new PpoObjective(model, recipe.Loss, 11, fixture.Model);
        IReadOnlyList<IReadOnlyList<TrainingItem>> batches = Batches(objective);
        Span<float> head = model.ValueHead!.Parameters[0].Value.Writable<float>();
        new RandomStream(3).FillNormal(head, 0, 0.3f);

        // What the policy is now is not what it was: the distance costs something already when the answers are written.
        Move(model);
        objective.Begin(batches, 0, new StepMetrics());
        var rows = new List<(Completion One, double[] Old, double[] Values, double[] Advantages, double[] Returns)>();
        TrainedModel reference = TrainedModel.LoadFrozen(fixture.Model);
        foreach (Rollout rollout in objective.Rollouts)
        {
            for (int row = 0; row < rollout.Completions.Count; row++)
            {
                Completion one = rollout.Completions[row];
                double[] old = Numbers(model, one), before = Numbers(reference, one), values = Values(model, one);
                var advantages = new double[old.Length];
                double next = 0;
                for (int i = old.Length - 1; i >= 0; i--)
                {
                    double reward = (-0.3 * (old[i] - before[i])) + (i == old.Length - 1 ? rollout.Rewards[row] : 0);
                    double difference = reward + (i + 1 < old.Length ? 0.9 * values[i + 1] : 0) - values[i];
                    advantages[i] = next = difference + (0.9 * 0.8 * next);
                }

                rows.Add((one, old, values, advantages, [.. advantages.Zip(values, (a, v) => a + v)]));
            }
        }

        double[] all = [.. rows.SelectMany(row => row.Advantages)];
        double mean = all.Average(), deviation = Math.Sqrt(all.Sum(a => Math.Pow(a - mean, 2)) / (all.Length - 1));
        Move(model);
        double policy = 0, value = 0;
        foreach ((Completion one, double[] old, double[] values, double[] advantages, double[] returns) in rows)
        {
            double[] now = Numbers(model, one), said = Values(model, one);
            for (int i = 0; i < now.Length; i++)
            {
                double ratio = Math.Exp(now[i] - old[i]), advantage = (advantages[i] - mean) / deviation;
                policy -= Math.Min(ratio * advantage, Math.Clamp(ratio, 0.8, 1.2) * advantage) / all.Length;
                double near = values[i] + Math.Clamp(said[i] - values[i], -0.2, 0.2);
                value += 0.5 * Math.Max(Math.Pow(said[i] - returns[i], 2), Math.Pow(near - returns[i], 2)) / all.Length;
            }
        }

        var metrics = new StepMetrics();
        Assert.Equal(policy + (0.7 * value), objective.Accumulate(batches, 0, metrics), 1e-4);
        Assert.Equal(value, metrics["value_loss"], 1e-4);
        Assert.Equal(policy, metrics["policy_loss"], 1e-4);
        Assert.True(metrics["kl"] > 0.001);
        Assert.All(model.Parameters, parameter => Assert.NotNull(parameter.Value.Grad));
    }

    [Theory]
    [InlineData("loss.kind=grpo", "loss.iterations=2")]
    [InlineData("loss.kind=ppo", "loss.group_size=2", "loss.iterations=2")]
    [InlineData("loss.kind=grpo", "parts.all=null", "parts.language_model.train=lora", "parts.language_model.dropout=0.2")]
    public void AStoppedRunDrawsTheSameAnswersWhenItGoesOn(params string[] changes)
    {
        Recipe Make(params string[] more) => fixture.Recipe(["steps=4", "optimizer.learning_rate=2e-3", "batch.samples=1", "batch.accumulate=2", "checkpoints.every=2", .. changes, .. more]);
        double[] whole = fixture.Runs.Train(_folder + "whole", Make());
        using (Trainer first = Trainer.Start(Make(), fixture.Runs.Folder(_folder + "cut")))
        {
            using var stop = new CancellationTokenSource();
            first.Run(new AfterStep(2, stop.Cancel), stop.Token);
        }

        using (Trainer second = Trainer.Resume(fixture.Runs.Folder(_folder + "cut")))
        {
            Assert.Equal(2, second.Step);
            second.Run();
        }

        Assert.Equal(whole, fixture.Runs.Losses(_folder + "cut"));
        string file = Path.GetFileName(Directory.EnumerateFiles(fixture.Runs.Folder(_folder + "whole/model"), "*.safetensors").Single());
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(fixture.Runs.Folder(_folder + "whole/model"), file)),
            File.ReadAllBytes(Path.Combine(fixture.Runs.Folder(_folder + "cut/model"), file)));
        Assert.NotEqual(whole[3], fixture.Runs.Train(_folder + "seed", Make("seed=8"))[3]);
    }

    [Fact]
    public void QuestionsNeedNoAnswersWhereNoneIsComparedWith()
    {
        string data = fixture.Runs.Records(_folder + ".jsonl", ["""{"messages": [{"role": "user", "content": "q a"}]}"""]);
        string[] changes = ["steps=1", $"data.0.path={data}", "loss.kind=grpo"];
        TrainingProgress step = Assert.Single(Train([.. changes, "loss.rewards.0={kind: format, pattern: '^a$'}"]));
        Assert.InRange(step.Metrics.Single(pair => pair.Key == "reward").Value, 0.01, 0.99);
        Assert.Contains("no answer", Assert.Throws<InvalidDataException>(() => Train(changes, "compared")).Message);
    }

    [Fact]
    public void AnswersToPicturesAreThoseOfTheModel()
    {
        Recipe recipe = fixture.Runs.Recipe("loss.kind=grpo", "loss.rewards.0.kind=json", "loss.iterations=2", "loss.answer_tokens=5", "loss.group_size=3");
        TrainedModel model = TrainedModel.Load(recipe, fixture.Runs.Model);
        using var objective = new GrpoObjective(model, recipe.Loss, 1, fixture.Runs.Model);
        IReadOnlyList<IReadOnlyList<TrainingItem>> batches =
            [[.. Enumerable.Range(0, 2).Select(i => objective.Prepare(DatasetReader.Open(fixture.Runs.Data, new DataReadOptions())[i], (ulong)i)!)]];
        objective.Begin(batches, 0, new StepMetrics());
        Rollout rollout = Assert.Single(objective.Rollouts);
        Assert.Equal(6, rollout.Completions.Count);
        Assert.True(rollout.Completions.Select(one => string.Join(',', one.Tokens)).Distinct().Count() > 4);
        for (int row = 0; row < 6; row++)
        {
            Completion one = rollout.Completions[row];
            double[] expected = Numbers(model, one);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], rollout.Old![(row * 5) + i], 1e-4);
            }
        }

        Assert.Equal(rollout.Old!, rollout.Reference!);
    }

    private static double Mean(IEnumerable<TrainingProgress> steps, string name) =>
        steps.Average(step => step.Metrics.Single(pair => pair.Key == name).Value);

    private static IReadOnlyList<IReadOnlyList<TrainingItem>> Batches(PolicyObjective objective)
    {
        TrainingItem[] items =
        [
            .. PolicyFixture.Letters.Select((letter, i) => objective.Prepare(
                new DatasetSample { Id = letter, Messages = [DataMessage.User($"q {letter}"), DataMessage.Assistant(letter)] }, (ulong)i)!),
        ];
        return [[items[0]], [.. items.Skip(1)]];
    }

    /// <summary>Changes all weights a little.</summary>
    private static void Move(TrainedModel model)
    {
        foreach (Parameter parameter in model.Parameters.Where(parameter => parameter.Value.Rank == 2))
        {
            float[] change = new float[parameter.Value.Count];
            new RandomStream(7).Split(parameter.Name).FillNormal(change, 0, 0.02f);
            Span<float> values = parameter.Value.Writable<float>();
            for (int i = 0; i < change.Length; i++)
            {
                values[i] += change[i];
            }
        }
    }

    /// <summary>What the model finds each token of an answer likely as, question and answer run alone: float32 [n].</summary>
    private static Tensor LogProbabilities(TrainedModel model, Completion one, double temperature)
    {
        ILanguageModel language = model.NeedLanguage();
        Tensor logits = Ops.Scale(language.Logits(Before(model, one)), (float)(1 / temperature));
        Tensor places = Tensor.From<int>([.. one.Tokens.Select((token, i) => (i * language.VocabularySize) + token)], [one.Tokens.Count]);
        return Ops.IndexSelect(Ops.Reshape(Ops.LogSoftmax(logits), [logits.Shape[0] * logits.Shape[1]]), places, 0);
    }

    private static double[] Numbers(TrainedModel model, Completion one)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        return [.. LogProbabilities(model, one, 1).Span<float>().ToArray().Select(value => (double)value)];
    }

    private static double[] Values(TrainedModel model, Completion one)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        float[] weight = model.ValueHead!.Parameters[0].Value.Span<float>().ToArray();
        float bias = model.ValueHead.Parameters[1].Value.Span<float>()[0];
        return [.. Before(model, one).Span<float>().ToArray().Chunk(weight.Length).Select(row => row.Zip(weight, (a, b) => (double)a * b).Sum() + bias)];
    }

    /// <summary>The last states at the places before the answer's tokens.</summary>
    private static Tensor Before(TrainedModel model, Completion one)
    {
        ILanguageModel language = model.NeedLanguage();
        PreparedPrompt prompt = one.Item.Prompt;
        int[] ids = [.. prompt.Ids, .. one.Tokens];
        Tensor embeddings = EmbeddingSplicer.Embed(language, ids, 0, prompt.Spans, media => model.Multimodal!.Encode(media));
        var batch = new SequenceBatch();
        batch.Add(ids.Length);
        return Ops.Narrow(language.Forward(embeddings, batch), 0, prompt.Ids.Count - 1, one.Tokens.Count);
    }

    private IReadOnlyList<TrainingProgress> Train(string[] changes, string name = "run")
    {
        using Trainer trainer = Trainer.Start(fixture.Recipe(changes), fixture.Runs.Folder(_folder + name));
        trainer.Run();
        return TrainingLog.Read(trainer.Folder.Log);
    }
}
