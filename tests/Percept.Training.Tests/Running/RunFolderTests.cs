using Percept.Data;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>What a run leaves in its folder, and what is refused before its first step.</summary>
[Collection(nameof(AllocationTests))]
public sealed class RunFolderTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void AFolderIsTrainedInOnce()
    {
        using (Trainer first = Trainer.Start(_runs.Recipe(), _runs.Folder("run")))
        {
            Assert.Contains("Another process", Assert.Throws<IOException>(() => Trainer.Resume(_runs.Folder("run"))).Message, StringComparison.Ordinal);
            Assert.Contains("Another process", Assert.Throws<IOException>(() => Trainer.Start(_runs.Recipe(), _runs.Folder("run"))).Message, StringComparison.Ordinal);
            Assert.True(first.Run().Finished);
        }

        using Trainer again = Trainer.Resume(_runs.Folder("run"));
        Assert.Equal(12, again.Step);
    }

    [Fact]
    public void ACheckpointThatWasCopiedGoesOnAlone()
    {
        double[] whole = _runs.Train("whole", _runs.Recipe());
        Cut("cut", 7);
        string copy = _runs.Folder("elsewhere");
        Copy(_runs.Folder("cut/checkpoints/step-7"), copy);
        Assert.Contains("--out", Assert.Throws<FileNotFoundException>(() => Trainer.Resume(copy)).Message, StringComparison.Ordinal);
        Directory.Move(_runs.Model, _runs.Model + "-gone");
        using (Trainer trainer = Trainer.ResumeApart(copy, _runs.Folder("apart")))
        {
            Assert.Equal(7, trainer.Step);
            Assert.True(trainer.Run().Finished);
        }

        Assert.Equal(whole[7..], _runs.Losses("apart"));
        Assert.Equal(File.ReadAllBytes(_runs.Folder("whole/model/model.safetensors")), File.ReadAllBytes(_runs.Folder("apart/model/model.safetensors")));
    }

    [Fact]
    public void TheReportOfARunThatGoesOnHasThePlanOfItsBeginning()
    {
        Cut("cut", 7);
        var folder = new RunFolder(_runs.Folder("cut"));
        string[] plan = [.. File.ReadAllLines(folder.Plan).Where(line => line.StartsWith("time:", StringComparison.Ordinal) || line.StartsWith("validation:", StringComparison.Ordinal))];
        Assert.Contains("8 samples", plan[1], StringComparison.Ordinal);
        string copy = _runs.Folder("elsewhere");
        Copy(_runs.Folder("cut/checkpoints/step-7"), copy);
        using (Trainer trainer = Trainer.Resume(folder.Root))
        {
            Assert.True(trainer.Run().Finished);
        }

        string report = File.ReadAllText(folder.Report);
        Assert.All(plan, line => Assert.Contains(line, report, StringComparison.Ordinal));
        using Trainer apart = Trainer.ResumeApart(copy, _runs.Folder("apart"));
        Assert.Equal(7, apart.Plan.Done);
        Assert.Contains("for the 5 steps that are left", apart.Plan.ToString(), StringComparison.Ordinal);
        Assert.Contains("validation: not repeated", apart.Plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfPairsTheBetterAnswerIsTheReference()
    {
        Recipe recipe = _runs.Preferences("sigmoid", "parts.language_model.train=full", "samples.every=20", "samples.answers=2");
        using Trainer trainer = Trainer.Start(recipe, _runs.Folder("pairs"));
        Assert.True(trainer.Run().Finished);
        string[] answers = File.ReadAllLines(trainer.Folder.Answers);
        Assert.All(answers, line => Assert.Matches("\"question\":\"user: q ([a-h])\".*\"reference\":\"\\1\"", line));
        Assert.Equal(2, answers.Count(line => line.Contains("\"step\":40,", StringComparison.Ordinal)));
    }

    [Fact]
    public void TheNewestCheckpointOfARunNamesTheRun()
    {
        Cut("cut", 7);
        Assert.Contains("--out", Assert.Throws<InvalidDataException>(() => Trainer.Resume(_runs.Folder("cut/checkpoints/step-5"))).Message, StringComparison.Ordinal);
        using Trainer trainer = Trainer.Resume(_runs.Folder("cut/checkpoints/step-7"));
        Assert.Equal(_runs.Folder("cut"), trainer.Folder.Root);
        Assert.True(trainer.Run().Finished);
        Assert.Equal(12, _runs.Losses("cut").Length);
    }

    [Fact]
    public void RecordsThatHaveChangedAreToldBeforeARunGoesOn()
    {
        Cut("cut", 7);
        string text = File.ReadAllText(_runs.Data);
        File.WriteAllText(_runs.Data, text.Replace("\"value\": \"a\"", "\"value\": \"b\"", StringComparison.Ordinal));
        Assert.Contains("data.json", Assert.Throws<InvalidDataException>(() => Trainer.Resume(_runs.Folder("cut"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_runs.Data, text);
        using Trainer trainer = Trainer.Resume(_runs.Folder("cut"));
        Assert.Equal(7, trainer.Step);
    }

    [Fact]
    public void FoldersOfDataThatHaveChangedAreToldToo()
    {
        string folder = _runs.Folder("pictures");
        foreach ((string letter, _, _, _) in RunFixture.Colours)
        {
            Directory.CreateDirectory(Path.Combine(folder, letter));
            File.Copy(Path.Combine(_runs.Root, letter + ".png"), Path.Combine(folder, letter, "1.png"));
        }

        DataRecipe data = _runs.Recipe($"data.0.path={folder}", "data.0.format=classes").Data[0];
        string Hash() => Assert.Single(RecipeData.Hashes([data])).Value;
        string before = Hash();
        Assert.Equal(before, Hash());
        File.Move(Path.Combine(folder, "a", "1.png"), Path.Combine(folder, "b", "2.png"));
        string moved = Hash();
        Assert.NotEqual(before, moved);
        File.WriteAllText(Path.Combine(folder, "captions.json"), "[1]");
        string one = Hash();
        File.WriteAllText(Path.Combine(folder, "captions.json"), "[2]");
        Assert.Equal(3, new[] { moved, one, Hash() }.Distinct().Count());

        // Behind a name of a generated dataset too, whose path is whole in the run's own recipe.
        string there = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
        Recipe named = _runs.Recipe("data.0.path=null", $"data.0.generated=nlvr:{there}?split=train");
        Assert.Equal($"nlvr:{folder}?split=train", named.Data[0].Generated);
        Assert.Contains($"nlvr:{folder}?split=train", named.Yaml, StringComparison.Ordinal);
        Assert.Equal(folder, Assert.Single(RecipeData.Hashes(named.Data)).Key);
    }

    [Fact]
    public void AFinishedRunStaysAsItIs()
    {
        _runs.Train("run", _runs.Recipe("steps=4", "samples.every=2", "samples.answers=1"));
        var folder = new RunFolder(_runs.Folder("run"));
        string plan = File.ReadAllText(folder.Plan), report = File.ReadAllText(folder.Report);
        DateTime written = Directory.GetCreationTimeUtc(folder.Model);
        using (Trainer trainer = Trainer.Resume(folder.Root))
        {
            TrainingResult result = trainer.Run();
            Assert.True(result.Finished);
            Assert.Equal(folder.Model, result.Model);
        }

        Assert.Equal(plan, File.ReadAllText(folder.Plan));
        Assert.Equal(report, File.ReadAllText(folder.Report));
        Assert.Equal(written, Directory.GetCreationTimeUtc(folder.Model));
    }

    [Fact]
    public void AFolderThatWasBeingReplacedComesBack()
    {
        var folder = new RunFolder(_runs.Folder("run"));
        string old = Path.Combine(folder.Checkpoints, $".step-5.{Guid.NewGuid():n}.old"), half = Path.Combine(folder.Checkpoints, $".step-6.{Guid.NewGuid():n}");
        Directory.CreateDirectory(half);
        Directory.CreateDirectory(old);
        File.WriteAllText(Path.Combine(old, "here"), "");
        folder.Clean();
        Assert.Equal("step-5", Path.GetFileName(folder.Latest()));
        Assert.True(File.Exists(Path.Combine(folder.Latest()!, "here")));
        Assert.Single(Directory.GetDirectories(folder.Checkpoints));
    }

    [Fact]
    public void ASampleThatCannotBePreparedKeepsTheStepsBeforeIt()
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe("checkpoints.every=0", "steps=60"), _runs.Folder("run"));
        Assert.Throws<PreparationException>(() => trainer.Run(new AfterStep(3, () => File.Delete(Path.Combine(_runs.Root, "c.png")))));
        Assert.Equal($"step-{trainer.Step}", Path.GetFileName(trainer.Folder.Latest()));
        Assert.Equal(trainer.Step, _runs.Losses("run").Length);
        Assert.True(trainer.Step >= 3);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("decode")]
    public void SamplesThatAreTooLongAreToldBeforeTheFirstStep(string validate)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(_runs.Recipe("loss.max_tokens=17", $"validate={validate}"), _runs.Folder("run")));
        Assert.Contains("8 of 8", error.Message, StringComparison.Ordinal);
        Assert.Contains("17", error.Message, StringComparison.Ordinal);
        using Trainer skips = Trainer.Start(_runs.Recipe("loss.max_tokens=17", "loss.too_long=skip", $"validate={validate}"), _runs.Folder("skips"));
        Assert.Empty(skips.Plan.Problems);
    }

    [Fact]
    public void AllBadSamplesStandInThePlan()
    {
        string[] lines =
        [
            .. Enumerable.Range(0, 30).Select(i =>
                $$"""{"id": "x{{i}}", "image": "no-{{i}}.png", "conversations": [{"from": "human", "value": "<image>\nq"}, {"from": "gpt", "value": "a"}]}"""),
        ];
        string data = _runs.Records("bad.jsonl", lines);
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(_runs.Recipe($"data.0.path={data}", "samples.every=5"), _runs.Folder("run")));
        Assert.Contains("30 of 30", error.Message, StringComparison.Ordinal);
        string plan = File.ReadAllText(new RunFolder(_runs.Folder("run")).Plan);
        Assert.All(Enumerable.Range(0, 30), i => Assert.Contains($"no-{i}.png", plan, StringComparison.Ordinal));
    }

    [Fact]
    public void OnlySamplesThatAreUsedAreLookedAt()
    {
        File.Delete(Path.Combine(_runs.Root, "h.png"));
        using Trainer trainer = Trainer.Start(_runs.Recipe("data.0.max_samples=7"), _runs.Folder("run"));
        Assert.Equal(7, trainer.Plan.Validated);
    }

    [Fact]
    public void SeveralSamplesMayHaveOneId()
    {
        string text = File.ReadAllText(_runs.Data);
        File.WriteAllText(_runs.Data, text.Replace("\"id\": \"b\"", "\"id\": \"a\"", StringComparison.Ordinal));
        using Trainer trainer = Trainer.Start(_runs.Recipe("steps=2", "samples.every=1", "samples.answers=2"), _runs.Folder("run"));
        Assert.Equal(1, trainer.Plan.RepeatedIds);
        trainer.Run();
        string report = File.ReadAllText(trainer.Folder.Report);
        Assert.Contains("a (", report, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(trainer.Folder.Answers).Select(line => line.Split("\"question\"")[0]).Where(line => line.Contains("\"step\":1,", StringComparison.Ordinal)).Distinct().Count());
    }

    [Fact]
    public void HeldOutDataAreOpenedBeforeTheFirstStep()
    {
        Assert.ThrowsAny<IOException>(
            () => Trainer.Start(_runs.Recipe("samples.every=5", "samples.data.0.path=nowhere.json"), _runs.Folder("run")));
    }

    private void Cut(string name, int steps)
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe(), _runs.Folder(name));
        using var stop = new CancellationTokenSource();
        Assert.False(trainer.Run(new AfterStep(steps, stop.Cancel), stop.Token).Finished);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }
}
