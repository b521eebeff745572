using System.Globalization;
using Percept.Data;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>The trainer in several ranks, with threads in the place of processes.</summary>
public sealed class RankedTrainerTests(PolicyFixture fixture) : IClassFixture<PolicyFixture>, IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(2, 2, "batch.accumulate=3")]
    [InlineData(2, 2, "batch.group_by_length=true")]
    [InlineData(2, 3, "loss.max_tokens=28", "loss.too_long=skip", "batch.accumulate=1")]
    [InlineData(3, 2, "parts.all=null", "parts.language_model=lora", "parts.projector=full", "loss.label_smoothing=0.1")]
    [InlineData(2, 2, "average=0.9", "optimizer.kind=muon", "clip_norm=0.1", "recompute=true", "epochs=3", "steps=null")]
    public void RanksLearnAsOneProcessWithTheirBatchesTogether(int ranks, int samples, params string[] changes)
    {
        string data = MixedData();
        Compare(ranks, samples, [$"data.0.path={data}", "batch.accumulate=2", .. changes], _runs.Recipe);
    }

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("orpo")]
    [InlineData("simpo")]
    public void RanksLearnPreferencesAsOneProcess(string formula) => Compare(
        2, 2, ["steps=8", "optimizer.learning_rate=1e-3"], changes =>
        {
            Recipe recipe = _runs.Preferences(formula, "parts.language_model=full", "batch.accumulate=2");

            // Better answers of several lengths: a mean over a rank's tokens would not be that over all.
            string path = _runs.Folder("pairs.jsonl");
            File.WriteAllLines(path, Enumerable.Range(0, 9).Select(i => string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"messages": [{"role": "user", "content": "q {{i}}"}], "chosen": "{{Letters(i, 1 + (i * 5 % 7))}}", "rejected": "{{Letters(i + 3, 2)}}"}""")));
            return Recipe.Parse(recipe.Yaml, "pairs.yaml", changes);
        });

    [Theory]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    [InlineData(2, 3, "loss.cached_batch=2")]
    [InlineData(5, 1)]
    public void RanksComparePairsOfAll(int ranks, int samples, params string[] changes)
    {
        string folder = _runs.Config(ObjectiveTests.Clip);
        Compare(ranks, samples, ["steps=8", .. changes], all => _runs.NewModel(folder, "contrastive", all));
    }

    [Fact]
    public void RanksCompareEveryPictureWithEveryText()
    {
        string folder = _runs.Config(WeightInitializerTests.Siglip.Replace("\"vocab_size\": 64", "\"vocab_size\": 336", StringComparison.Ordinal));
        Compare(2, 4, ["steps=8"], all => _runs.NewModel(folder, "contrastive", all));
    }

    [Fact]
    public void RanksHideThePatchesThatOneProcessHides()
    {
        string folder = _runs.Config(ObjectiveTests.Mae);
        Compare(
            3, 2, ["steps=8", "freeze=[position_embeddings$, decoder_pos_embed$]", "loss.flip=true", "loss.least_crop=0.5"],
            all => _runs.NewModel(folder, "masked_image", all));
    }

    [Fact]
    public void RanksGuessTheTokensThatOneProcessGuesses()
    {
        string folder = _runs.Config(ObjectiveTests.Beit);
        Compare(2, 3, ["steps=8", "loss.flip=true"], all => _runs.NewModel(folder, "masked_tokens", all));
    }

    [Theory]
    [InlineData(2, 4, "samples.every=6", "samples.answers=0")]
    [InlineData(3, 2)]
    [InlineData(5, 1)]
    public void RanksJudgePairsOfAll(int ranks, int samples, params string[] changes)
    {
        string folder = Retrieval();
        Compare(
            ranks, samples, ["steps=12", "batch.accumulate=2", "optimizer.learning_rate=2e-3", $"samples.data.0.path={_runs.Data}", .. changes],
            all => _runs.NewModel(folder, "matching", all));
    }

    [Fact]
    public void ARankWithoutPairsTakesPartInJudging()
    {
        string folder = Retrieval();
        Recipe recipe = _runs.NewModel(folder, "matching", "batch.samples=2");
        IReadOnlyList<MixSource> sources = RecipeData.Open(recipe.Data);
        (double Loss, float[][] Gradients)[] Learn(int size) => ThreadRanks.Run(size, ranks =>
        {
            TrainedModel model = TrainedModel.Load(recipe, _runs.Folder("start"));
            using var objective = new MatchingObjective(model, recipe.Loss, 3, ranks);
            TrainingItem[] items = [.. Enumerable.Range(0, 4).Select(i => objective.Prepare(sources[0].Dataset[i], (ulong)i)!)];

            // Of three ranks the last has no pair at all, and of the second micro-batch one rank has all.
            TrainingItem[][] batches = size == 1
                ? [[items[0], items[1]], [items[2], items[3]]]
                : [ranks.Rank == 2 ? [] : [items[ranks.Rank]], ranks.Rank == 1 ? [items[2], items[3]] : []];
            double loss = objective.Accumulate(batches, 0, new StepMetrics());
            return (loss, model.Parameters.Select(parameter => parameter.Value.Grad?.ToArray<float>() ?? []).ToArray());
        });

        // The trainer writes the folder of a new model.
        _runs.Train("first", _runs.NewModel(folder, "matching", "steps=1", "batch.samples=2"));
        Directory.Move(new RunFolder(_runs.Folder("first")).InitialModel, _runs.Folder("start"));
        (double Loss, float[][] Gradients) one = Learn(1)[0];
        (double Loss, float[][] Gradients)[] three = Learn(3);
        Assert.Equal(one.Loss, three.Sum(rank => rank.Loss), 1e-5);
        Assert.Contains(one.Gradients, gradient => gradient.Any(value => Math.Abs(value) > 1e-3));
        for (int i = 0; i < one.Gradients.Length; i++)
        {
            float[][] parts = [.. three.Select(rank => rank.Gradients[i]).Where(gradient => gradient.Length > 0)];
            for (int k = 0; k < one.Gradients[i].Length; k++)
            {
                Assert.Equal(one.Gradients[i][k], parts.Sum(part => part[k]), 1e-4f);
            }
        }
    }

    [Theory]
    [InlineData(2, 3, "samples.every=10", "samples.answers=0")]
    [InlineData(3, 2, "parts.all=null", "parts.language_model.train=lora", "optimizer.learning_rate=1e-2")]
    [InlineData(3, 1, "loss.max_tokens=24", "loss.too_long=skip")]
    public void RanksWeighAnswersAgainstThoseToOtherRanksQuestions(int ranks, int samples, params string[] changes)
    {
        string model = _runs.TextModel("text");
        Recipe Make(string[] all)
        {
            Recipe recipe = KtoTests.Recipe(_runs, model);
            string data = recipe.Data[0].Path!;
            string longer = _runs.Folder("judged-longer.jsonl");
            File.WriteAllLines(longer, File.ReadLines(data).SelectMany((line, i) => i % 3 == 0
                ? (string[])[line, line.Replace("\"q ", $"\"{Letters(i, 12)} ", StringComparison.Ordinal)] : [line]));

            // Bad answers count less, so that all become likelier, and those to other questions too.
            return KtoTests.Recipe(_runs, model,
                [$"data.0.path={longer}", $"samples.data.0.path={data}", "loss.undesirable_weight=0.2", "loss.beta=0.5", "steps=20", .. all]);
        }

        Compare(ranks, samples, changes, Make);
        Assert.Contains(Log("many"), step => step.Metrics.Single(pair => pair.Key == "kl").Value > 1e-2);
    }

    [Theory]
    [InlineData("grpo", 2, 2, "loss.formula=bnpo", "loss.beta=0.3", "loss.iterations=2")]
    [InlineData("grpo", 2, 1, "loss.formula=gspo", "batch.accumulate=2")]
    [InlineData("ppo", 2, 2, "loss.beta=0.3", "loss.value_weight=0.7")]
    [InlineData("ppo", 3, 1, "loss.iterations=2", "loss.group_size=8")]
    public void RanksAreRewardedForTheAnswersOfAll(string kind, int ranks, int samples, params string[] changes)
    {
        Compare(
            ranks, samples, ["steps=4", $"loss.kind={kind}", "loss.group_size=4", "optimizer.learning_rate=2e-3", .. changes],
            all => fixture.Recipe(all), curveFalls: false);
        IReadOnlyList<TrainingProgress> log = Log("many");
        Assert.True(log.Count(step => step.Metrics.Single(pair => pair.Key == "reward_std").Value > 0 && step.GradientNorm > 0) > 2);
    }

    [Fact]
    public void RanksWriteTheCaptionsThatOneProcessWrites()
    {
        string folder = _runs.Config(ObjectiveTests.Blip.Replace("ARCHITECTURE", "BlipForConditionalGeneration", StringComparison.Ordinal));
        Compare(2, 3, ["steps=8", "optimizer.learning_rate=5e-3"], all => _runs.NewModel(folder, "captioning", all));
    }

    [Fact]
    public void RankZeroLooksAtSamplesAsOneProcessDoes()
    {
        string[] changes = ["steps=4", "samples.every=2", "samples.answers=2", "samples.max_tokens=3", $"samples.data.0.path={_runs.Data}"];
        Compare(2, 2, changes, _runs.Recipe);
        IReadOnlyList<TrainingProgress> one = Log("one"), many = Log("many");
        Assert.Equal([false, true, false, true], many.Select(step => step.HeldOutLoss is not null));
        Assert.Equal(one[^1].HeldOutLoss!.Value, many[^1].HeldOutLoss!.Value, 1e-4);
        Assert.Equal(4, File.ReadAllLines(_runs.Folder("many/answers.jsonl")).Length);
    }

    [Fact]
    public void ARunOfRanksGoesOnAsIfNothingHadHappened()
    {
        string[] changes = ["batch.samples=2", "batch.group_by_length=true", "average=0.9", $"data.0.path={MixedData()}"];
        TrainInRanks(2, "whole", _runs.Recipe(changes));
        TrainingResult[] cut = ThreadRanks.Run(2, ranks =>
        {
            using Trainer trainer = Trainer.Start(_runs.Recipe(changes), _runs.Folder("cut"), ranks);
            using var stop = new CancellationTokenSource();

            // One rank is asked to stop, and both do.
            return trainer.Run(new AfterStep(ranks.Rank == 1 ? 7 : int.MaxValue, stop.Cancel), stop.Token);
        });
        Assert.All(cut, result => Assert.Equal((7, false), (result.Steps, result.Finished)));
        Assert.Equal(cut[0].Model, cut[1].Model);
        Assert.EndsWith("step-7", cut[0].Model, StringComparison.Ordinal);

        Assert.Contains(
            "mpirun -n 2", Assert.Throws<InvalidDataException>(() => Trainer.Resume(_runs.Folder("cut"))).Message, StringComparison.Ordinal);
        ThreadRanks.Run(2, ranks =>
        {
            using Trainer trainer = Trainer.Resume(_runs.Folder("cut"), ranks);
            return trainer.Run();
        });
        Assert.Equal(_runs.Losses("whole"), _runs.Losses("cut"));
        Assert.Equal(File.ReadAllBytes(_runs.Folder("whole/model/model.safetensors")), File.ReadAllBytes(_runs.Folder("cut/model/model.safetensors")));
    }

    [Fact]
    public void OneProcessMayGoOnWithTheBatchesOfTwo()
    {
        string[] changes = ["steps=10", "checkpoints.every=0", $"data.0.path={MixedData()}"];
        _runs.Train("whole", _runs.Recipe(["batch.samples=4", .. changes]));
        ThreadRanks.Run(2, ranks =>
        {
            using Trainer trainer = Trainer.Start(_runs.Recipe(["batch.samples=2", .. changes]), _runs.Folder("cut"), ranks);
            using var stop = new CancellationTokenSource();
            return trainer.Run(new AfterStep(5, stop.Cancel), stop.Token);
        });
        string recipe = _runs.Folder("cut/recipe.yaml");
        File.WriteAllText(recipe, Recipe.Parse(File.ReadAllText(recipe), recipe, ["batch.samples=4"]).Yaml);
        using (Trainer trainer = Trainer.Resume(_runs.Folder("cut")))
        {
            trainer.Run();
        }

        Curves.Alike(_runs.Losses("whole"), _runs.Losses("cut"));
    }

    [Fact]
    public void WhatOneRankCannotReadEndsAllWithItsWords()
    {
        string[] names = [];
        ThreadRanks.Run(2, ranks =>
        {
            RankFailedException error = Assert.Throws<RankFailedException>(() =>
            {
                using Trainer trainer = Trainer.Start(
                    _runs.Recipe("validate=off", "batch.samples=4", "batch.accumulate=1", "seed=5"), _runs.Folder("run"), ranks);
                ranks.Barrier();
                if (ranks.Rank == 0)
                {
                    // Samples of the plan were read already; one of them is gone now, and one rank has it in its share.
                    File.Delete(Path.Combine(_runs.Root, "c.png"));
                }

                ranks.Barrier();
                trainer.Run();
            });
            lock (_runs)
            {
                names = [.. names, error.Message];
            }

            Assert.Equal(error.Rank == ranks.Rank, error.IsOwn);
            Assert.Equal(error.IsOwn, error.InnerException is not null);
            Assert.True(error.IsShared);
            return 0;
        });
        Assert.Equal(names[0], names[1]);
        Assert.Matches(@"^rank [01] of 2: .*c\.png", names[0]);
        Assert.Contains("stopped: rank ", File.ReadAllText(_runs.Folder("run/report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void ALossThatIsNoNumberNamesTheSamplesOfAllRanks()
    {
        RankFailedException error = Assert.Throws<RankFailedException>(() => TrainInRanks(
            2, "run", _runs.Recipe("optimizer.learning_rate=1e30", "clip_norm=0", "batch.samples=4", "batch.accumulate=1")));
        Assert.IsType<TrainingStoppedException>(error.InnerException);
        Assert.StartsWith("Step 2 was not taken", error.Message, StringComparison.Ordinal);
        Assert.All(RunFixture.Colours, colour => Assert.Contains($"'{colour.Letter}'", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void RanksWithOtherRecipesAreRefused()
    {
        RankFailedException error = Assert.Throws<RankFailedException>(() => ThreadRanks.Run(2, ranks =>
        {
            using Trainer trainer = Trainer.Start(_runs.Recipe($"seed={ranks.Rank}"), _runs.Folder("run"), ranks);
            return 0;
        }));
        Assert.StartsWith("Rank 1 of 2 has another recipe", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A BLIP that judges pairs.</summary>
    private string Retrieval() =>
        _runs.Config(ObjectiveTests.Blip.Replace("ARCHITECTURE", "BlipForImageTextRetrieval", StringComparison.Ordinal));

    /// <summary>Trains in ranks and in one process, and compares the logs.</summary>
    private void Compare(int ranks, int samples, string[] changes, Func<string[], Recipe> make, bool curveFalls = true)
    {
        using (Trainer alone = Trainer.Start(
            make([.. changes, $"batch.samples={ranks * samples}", "checkpoints.every=0"]), _runs.Folder("one")))
        {
            TrainingResult result = alone.Run();
            TrainingResult together = TrainInRanks(ranks, "many", make([.. changes, $"batch.samples={samples}", "checkpoints.every=0"]));
            Assert.Equal((result.Steps, result.Skipped), (together.Steps, together.Skipped));
            Assert.Equal(changes.Contains("loss.too_long=skip"), result.Skipped > 0);
        }

        IReadOnlyList<TrainingProgress> one = Log("one"), many = Log("many");
        Curves.Alike([.. one.Select(step => step.Loss)], [.. many.Select(step => step.Loss)]);
        for (int i = 0; i < one.Count; i++)
        {
            Assert.Equal(
                (one[i].Samples, one[i].Tokens, one[i].Weight, one[i].Epoch, one[i].LearningRate),
                (many[i].Samples, many[i].Tokens, many[i].Weight, many[i].Epoch, many[i].LearningRate));
            Assert.Equal(one[i].GradientNorm, many[i].GradientNorm, 1e-3 * one[i].GradientNorm);
            Assert.Equal(one[i].Metrics.Select(pair => pair.Key), many[i].Metrics.Select(pair => pair.Key));
            Assert.All(one[i].Metrics.Zip(many[i].Metrics), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-3));
        }

        // The curve falls: two runs that learn nothing would be alike as well.
        Assert.True(!curveFalls || one[^1].Loss < 0.97 * one[0].Loss, $"The loss goes from {one[0].Loss} to {one[^1].Loss}.");
    }

    private TrainingResult TrainInRanks(int count, string folder, Recipe recipe)
    {
        TrainingResult[] results = ThreadRanks.Run(count, ranks =>
        {
            using Trainer trainer = Trainer.Start(recipe, _runs.Folder(folder), ranks);
            return trainer.Run();
        });
        Assert.All(results, result => Assert.Equal(results[0], result));
        return results[0];
    }

    private IReadOnlyList<TrainingProgress> Log(string folder) => TrainingLog.Read(new RunFolder(_runs.Folder(folder)).Log);

    /// <summary>Thirteen samples, some with pictures, some of text alone, with answers of different lengths.</summary>
    private string MixedData()
    {
        string path = _runs.Folder("mixed.json");
        File.WriteAllText(path, "[" + string.Join(",\n", Enumerable.Range(0, 13).Select(i =>
        {
            string letter = RunFixture.Colours[i % 8].Letter, picture = i % 3 == 0 ? "" : $"\"image\": \"{letter}.png\", ";
            return $$"""{"id": "{{i}}", {{picture}}"conversations": [{"from": "human", "value": "{{(i % 3 == 0 ? "" : "<image>\\n")}}q"}, {"from": "gpt", "value": "{{Letters(i, 1 + (i * 5 % 7))}}"}]}""";
        })) + "]");
        return path;
    }

    private static string Letters(int first, int count) =>
        string.Join(' ', Enumerable.Range(first, count).Select(i => RunFixture.Colours[i % 8].Letter));
}
