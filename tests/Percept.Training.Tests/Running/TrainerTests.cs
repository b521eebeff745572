using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Training.Tests;

[Collection(nameof(AllocationTests))]
public sealed class TrainerTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task ATinyModelLearnsWhatItsPicturesShow()
    {
        // Whoever does not see pictures cannot get below ln 8 for the letter, over the letter and the end of the turn.
        double blind = Math.Log(RunFixture.Colours.Length) / 2;
        double[] losses = _runs.Train("learns", _runs.Recipe("steps=150", "optimizer.learning_rate=5e-3", "batch.samples=8", "batch.accumulate=1", "checkpoints.every=0"));
        Assert.Equal(150, losses.Length);
        Assert.True(losses[0] > 2, $"The first loss is {losses[0]}.");
        Assert.True(losses.TakeLast(5).Average() < blind / 5, $"The last losses are {string.Join(", ", losses.TakeLast(5))}, blind {blind}.");

        using MultimodalChat chat = MultimodalChat.Load(_runs.Folder("learns/model"), precision: LinearPrecision.Exact);
        var short4 = new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = 4, DoSample = false } };
        foreach ((string letter, _, _, _) in RunFixture.Colours)
        {
            var picture = MediaLoader.Load(Path.Combine(_runs.Root, letter + ".png"));
            ChatAnswer answer = await chat.AnswerAsync([ChatTurn.User("q", picture)], short4, TestContext.Current.CancellationToken);
            Assert.Equal(letter, answer.Text.Trim());
        }
    }

    [Fact]
    public void AStoppedRunGoesOnAsIfNothingHadHappened()
    {
        double[] whole = _runs.Train("whole", _runs.Recipe());
        using (Trainer first = Trainer.Start(_runs.Recipe(), _runs.Folder("cut")))
        {
            using var stop = new CancellationTokenSource();
            TrainingResult result = first.Run(new AfterStep(7, stop.Cancel), stop.Token);
            Assert.False(result.Finished);
            Assert.Equal(7, result.Steps);
        }

        using (Trainer second = Trainer.Resume(_runs.Folder("cut")))
        {
            Assert.Equal(7, second.Step);
            Assert.True(second.Run().Finished);
        }

        Assert.Equal(whole, _runs.Losses("cut"));
        Assert.Equal(File.ReadAllBytes(_runs.Folder("whole/model/model.safetensors")), File.ReadAllBytes(_runs.Folder("cut/model/model.safetensors")));
    }

    [Theory]
    [InlineData("average=0.9", "optimizer.kind=lion", "optimizer.learning_rate=1e-3")]
    [InlineData("parts.all=null", "parts.language_model.train=lora", "parts.language_model.r=4", "parts.language_model.dropout=0.2", "parts.projector=full")]
    [InlineData("parts.all=null", "parts.language_model.train=ia3", "parts.projector.train=ia3", "parts.projector.targets=[linear_1, linear_2]")]
    [InlineData("parts.all=null", "parts.language_model.train=bottleneck", "parts.language_model.size=6")]
    [InlineData("parts.all=null", "parts.language_model.train=prompt", "parts.language_model.tokens=3", "parts.projector=full")]
    [InlineData("parts.all=null", "parts.language_model.train=prefix", "parts.language_model.tokens=2")]
    [InlineData("batch.group_by_length=true", "batch.tokens=60", "optimizer.kind=muon")]
    public void ResumingKeepsAveragesAdaptersAndTheOrderOfData(params string[] changes)
    {
        double[] whole = _runs.Train("whole", _runs.Recipe(changes));
        using (Trainer first = Trainer.Start(_runs.Recipe(changes), _runs.Folder("cut")))
        {
            using var stop = new CancellationTokenSource();
            first.Run(new AfterStep(8, stop.Cancel), stop.Token);
        }

        using (Trainer second = Trainer.Resume(_runs.Folder("cut")))
        {
            second.Run();
        }

        Assert.Equal(whole, _runs.Losses("cut"));
        string[] files = [.. Directory.EnumerateFiles(_runs.Folder("whole/model"), "*.safetensors").Select(file => Path.GetFileName(file))];
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(_runs.Folder("whole/model"), file)), File.ReadAllBytes(Path.Combine(_runs.Folder("cut/model"), file))));
    }

    [Fact]
    public void AccumulatedMicroBatchesAreTheWholeBatch()
    {
        double[] one = _runs.Train("one", _runs.Recipe("steps=3", "batch.samples=8", "batch.accumulate=1"));
        double[] four = _runs.Train("four", _runs.Recipe("steps=3", "batch.samples=2", "batch.accumulate=4"));
        for (int i = 0; i < one.Length; i++)
        {
            Assert.Equal(one[i], four[i], 1e-4 * one[i]);
        }
    }

    [Fact]
    public void RecomputedLayersDropTheSame()
    {
        string[] changes = ["steps=4", "parts.all=null", "parts.language_model.train=lora", "parts.language_model.dropout=0.3"];
        double[] plain = _runs.Train("plain", _runs.Recipe(changes));
        double[] again = _runs.Train("again", _runs.Recipe([.. changes, "recompute=true"]));
        Assert.Equal(plain, again);
    }

    [Fact]
    public void RecomputedLayersGiveTheSameLosses()
    {
        double[] plain = _runs.Train("plain", _runs.Recipe("steps=4"));
        double[] again = _runs.Train("again", _runs.Recipe("steps=4", "recompute=true"));
        Assert.Equal(plain, again);
    }

    [Fact]
    public void TheFolderIsCompleteFromTheFirstStep()
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe(), _runs.Folder("run"));
        Assert.True(File.Exists(trainer.Folder.Recipe));
        Assert.True(File.Exists(trainer.Folder.Plan));
        Assert.Contains("colours", File.ReadAllText(trainer.Folder.Report));
        trainer.Run();
        Assert.Equal("step-12", File.ReadAllText(Path.Combine(trainer.Folder.Checkpoints, "latest")));
        Assert.Equal(["step-10", "step-12"], Directory.EnumerateDirectories(trainer.Folder.Checkpoints).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        LoadedModel model = ModelLoader.Load(Path.Combine(trainer.Folder.Checkpoints, "step-10"));
        Assert.IsAssignableFrom<IMultimodalModel>(model.Model);
        Assert.NotNull(ProcessorLoader.Load(Path.Combine(trainer.Folder.Checkpoints, "step-10")));
        Assert.Contains("finished", File.ReadAllText(trainer.Folder.Report));
        Assert.Equal(trainer.Recipe.Yaml, Recipe.Parse(trainer.Recipe.Yaml, "again").Yaml);
    }

    [Fact]
    public void ThePlanCountsWhatIsTrained()
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe("parts.all=null", "parts.projector=full"), _runs.Folder("run"));
        TrainingPlan plan = trainer.Plan;
        LoadedModel model = ModelLoader.Load(_runs.Model);
        Assert.Equal(model.Report.Parameters, plan.Parameters);
        Assert.Equal((24 * 32) + 32 + (32 * 32) + 32, plan.Trained);
        Assert.Equal(plan.Trained, plan.Parts.Single(part => part.Name == ModelParts.Projector).Trained);
        Assert.Equal(8, plan.SamplesPerStep);
        Assert.Equal(12, plan.Epochs, 6);
        Assert.Equal(8, plan.Validated);
        Assert.Matches("⟦[a-h]<", plan.Sample);
        Assert.Contains("[Image: 16 rows]", plan.Sample);
    }

    [Fact]
    public void ThePlanTellsHowLongTheStepsTake()
    {
        using (Trainer trainer = Trainer.Start(_runs.Recipe(), _runs.Folder("run")))
        {
            Assert.True(trainer.Plan.Time > TimeSpan.Zero);
            Assert.Matches(@"\ntime: about [0-9]+(\.[0-9])? (s|min|h)\n", trainer.Plan.ToString());
        }

        using (Trainer asked = Trainer.Start(
            _runs.Recipe("loss.kind=grpo", "loss.rewards.0.kind=exact_match", "loss.answer_tokens=4", "loss.group_size=2"), _runs.Folder("grpo")))
        {
            Assert.Null(asked.Plan.Time);
            Assert.Contains("time: not known before answers are sampled", asked.Plan.ToString(), StringComparison.Ordinal);
        }

        TrainingPlan plan = new()
        {
            Name = "n", Model = "m", Parts = [], Steps = 1, SamplesPerStep = 1, Data = [], Problems = [], Validated = 0, Memory = [], Sample = "",
        };
        Assert.Contains("about 119 s", (plan with { Time = TimeSpan.FromSeconds(119.2) }).ToString(), StringComparison.Ordinal);
        Assert.Contains("about 3 min", (plan with { Time = TimeSpan.FromSeconds(170) }).ToString(), StringComparison.Ordinal);
        Assert.Contains("about 2.5 h", (plan with { Time = TimeSpan.FromHours(2.5) }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ThePlannedMemoryIsNearWhatIsTaken()
    {
        // What other tests have left for the collector is not the run's.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = TensorMemory.InUseBytes;
        using Trainer trainer = Trainer.Start(_runs.Recipe("steps=3", "batch.samples=8", "checkpoints.every=0"), _runs.Folder("run"));
        trainer.Run();
        long peak = TrainingLog.Read(trainer.Folder.Log)[^1].PeakBytes - before;
        Assert.InRange(trainer.Plan.PeakBytes, peak / 3, peak * 3);
    }

    [Fact]
    public void ALossThatIsNoNumberStopsTheRunAndNamesItsSamples()
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe("optimizer.learning_rate=1e30", "clip_norm=0"), _runs.Folder("run"));
        TrainingStoppedException error = Assert.Throws<TrainingStoppedException>(() => trainer.Run());
        Assert.Contains("sample '", error.Message);
        Assert.Contains("data.json", error.Message);
        Assert.Contains("stopped", File.ReadAllText(trainer.Folder.Report));
    }

    [Fact]
    public void ATrainedWeightWithoutAGradientIsAnError()
    {
        using Trainer trainer = Trainer.Start(_runs.Recipe("freeze=[]"), _runs.Folder("run"));
        TrainingStoppedException error = Assert.Throws<TrainingStoppedException>(() => trainer.Run());
        string freeze = Regex.Match(error.Message, @"freeze: (\[.*post_layernorm.*\])$").Groups[1].Value;
        Assert.NotEmpty(freeze);

        // What the message proposes is all that is needed.
        Assert.Equal(2, _runs.Train("mended", _runs.Recipe($"freeze={freeze}", "steps=2")).Length);
    }

    [Fact]
    public void AFreezeThatMatchesNothingIsRefused()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(_runs.Recipe("freeze=[post_layernorm, nothere]"), _runs.Folder("run")));
        Assert.Contains("'nothere'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BadSamplesAreToldBeforeTheFirstStep()
    {
        File.Delete(Path.Combine(_runs.Root, "c.png"));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Trainer.Start(_runs.Recipe(), _runs.Folder("run")));
        Assert.Contains("1 of 8", error.Message);
        Assert.Contains("c.png", error.Message);
    }

    [Fact]
    public void SamplesAreAnsweredMeanwhile()
    {
        using Trainer trainer = Trainer.Start(
            _runs.Recipe("steps=4", "samples.every=2", "samples.answers=2", "samples.max_tokens=3", $"samples.data.0.path={_runs.Data}"), _runs.Folder("run"));
        trainer.Run();
        Assert.Equal(4, File.ReadAllLines(trainer.Folder.Answers).Length);
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        Assert.Equal([false, true, false, true], log.Select(step => step.HeldOutLoss is not null));
        Assert.Contains("data:image/png", File.ReadAllText(trainer.Folder.Report));
    }

    [Fact]
    public void AdaptersAreWrittenInPeftsLayout()
    {
        _runs.Train("lora", _runs.Recipe("steps=2", "parts.all=null", "parts.language_model=lora", "parts.projector=full"));
        using SafetensorsFile file = SafetensorsFile.Open(_runs.Folder("lora/model/adapter_model.safetensors"));
        Assert.Contains(file.Entries.Keys, name => name.EndsWith("q_proj.lora_A.weight", StringComparison.Ordinal));
        Assert.DoesNotContain(file.Entries.Keys, name => name.Contains("vision", StringComparison.Ordinal));
        Assert.Contains(file.Entries.Keys, name => name.Contains("multi_modal_projector", StringComparison.Ordinal));
        using MultimodalChat chat = MultimodalChat.Load(_runs.Folder("lora/model"));
        Assert.NotNull(chat.Model);
    }

    [Theory]
    [InlineData("ia3", "IA3")]
    [InlineData("bottleneck", "houlsby")]
    [InlineData("prompt", "PROMPT_TUNING")]
    [InlineData("prefix", "PREFIX_TUNING")]
    public async Task AFolderOfEachKindOfAdapterAnswersAloneAsTheRunDid(string train, string written)
    {
        double[] losses = _runs.Train(train, _runs.Recipe(
            "steps=40", "parts.all=null", $"parts.language_model.train={train}", "parts.projector=full", "optimizer.learning_rate=3e-2", "batch.samples=8",
            "batch.accumulate=1", "samples.every=40", "samples.max_tokens=4", "checkpoints.every=0"));
        Assert.True(losses.TakeLast(5).Average() < 0.8 * losses.Take(3).Average(), string.Join(", ", losses));
        string model = _runs.Folder($"{train}/model");
        Assert.Contains(written, File.ReadAllText(Path.Combine(model, "adapter_config.json")), StringComparison.Ordinal);
        using MultimodalChat chat = MultimodalChat.Load(model, new EngineOptions { CacheType = KvCacheType.F32 }, LinearPrecision.Exact);
        var short4 = new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = 4, DoSample = false } };
        string[] lines = File.ReadAllLines(new RunFolder(_runs.Folder(train)).Answers);
        foreach (JsonNode line in lines.Select(line => JsonNode.Parse(line)!).Where(line => line["step"]!.GetValue<int>() == 40))
        {
            var picture = MediaLoader.Load(Path.Combine(_runs.Root, line["sample"]!.GetValue<string>() + ".png"));
            ChatAnswer answer = await chat.AnswerAsync([ChatTurn.User("q", picture)], short4, TestContext.Current.CancellationToken);
            Assert.Equal(line["answer"]!.GetValue<string>(), answer.Text);
        }
    }

    [Fact]
    public void FrozenLayersGetNoAdapterAndAPartWithoutAnyIsRefused()
    {
        string[] lora = ["parts.all=null", "parts.language_model=lora"];
        using (Trainer trainer = Trainer.Start(_runs.Recipe([.. lora, "freeze=['layers\\.1\\.']"]), _runs.Folder("frozen")))
        {
            Assert.NotEmpty(trainer.Model.Adapter!.Layers);
            Assert.DoesNotContain(trainer.Model.Adapter.Layers.Keys, layer => layer.Contains("layers.1.", StringComparison.Ordinal));
        }

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(_runs.Recipe([.. lora, "parts.projector=lora"]), _runs.Folder("nothing")));
        Assert.Contains("linear_1", error.Message, StringComparison.Ordinal);
        Assert.Contains("parts.projector.targets", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parts.projector=prompt", "language_model")]
    [InlineData("parts.language_model=prefix", "reward")]
    public void LearnedTokensWhereNoneCanStandAreRefused(string part, string told)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => _runs.Recipe("parts.all=null", part, told == "reward" ? "loss.kind=reward" : "steps=1"));
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStepThatRepeatsItselfHardlyTouchesTheHeap()
    {
        _runs.Train("heap", _runs.Recipe("steps=30", "batch.samples=8", "batch.accumulate=1", "checkpoints.every=0"));
        long[] bytes = [.. TrainingLog.Read(new RunFolder(_runs.Folder("heap")).Log).Skip(10).Select(step => step.HeapBytes)];

        // What is left: lists of media and tensors in the splicer and the towers, a few hundred bytes a picture and layer.
        Assert.True(bytes.Average() < 32_000, $"A step takes {bytes.Average()} bytes of the heap.");
    }
}
