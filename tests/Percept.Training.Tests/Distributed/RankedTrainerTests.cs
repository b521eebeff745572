using System.Globalization;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>The trainer in several ranks, with threads in the place of processes.</summary>
public sealed class RankedTrainerTests : IDisposable
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

    /// <summary>Trains in ranks and in one process, and compares the logs.</summary>
    private void Compare(int ranks, int samples, string[] changes, Func<string[], Recipe> make)
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
        Assert.True(one[^1].Loss < 0.97 * one[0].Loss, $"The loss goes from {one[0].Loss} to {one[^1].Loss}.");
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
