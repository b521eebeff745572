using Percept.Checkpoints;
using Percept.Inference;
using Percept.Models;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Adapters over a base that stays quantized in its GGUF files.</summary>
[Collection(nameof(AllocationTests))]
public sealed class QuantizedBaseTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task AnAdapterLearnsOverAQuantizedBase()
    {
        string gguf = Quantized();
        string[] lora =
        [
            $"model.path={gguf}", "freeze=[]", "parts.all=null", "parts.language_model=lora", "parts.projector=full", "steps=60", "batch.samples=8",
            "batch.accumulate=1", "optimizer.learning_rate=1e-2", "checkpoints.every=20",
        ];
        double[] losses = _runs.Train("qlora", _runs.Recipe(lora), trainer => Assert.Contains(
            trainer.Model.Loaded.Report.Taken, tensor => tensor.Name.Contains("mlp", StringComparison.Ordinal)));
        Assert.True(losses.TakeLast(5).Average() < 0.5 * losses.Take(3).Average(), string.Join(", ", losses));

        string model = _runs.Folder("qlora/model");
        Assert.True(AdapterFolder.Is(model));
        Assert.Equal(gguf, AdapterFolder.BaseOf(model));
        using MultimodalChat chat = MultimodalChat.Load(model, new EngineOptions { CacheType = KvCacheType.F32 }, Tensors.LinearPrecision.Exact);
        var picture = MediaLoader.Load(Path.Combine(_runs.Root, "a.png"));
        var short4 = new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = 4, DoSample = false } };
        ChatAnswer answer = await chat.AnswerAsync([ChatTurn.User("q", picture)], short4, TestContext.Current.CancellationToken);
        Assert.NotEmpty(answer.Text);

        using (Trainer cut = Trainer.Start(_runs.Recipe(lora), _runs.Folder("cut")))
        {
            using var stop = new CancellationTokenSource();
            Assert.False(cut.Run(new AfterStep(25, stop.Cancel), stop.Token).Finished);
        }

        using Trainer again = Trainer.Resume(_runs.Folder("cut"));
        Assert.True(again.Run().Finished);
        Assert.Equal(losses, _runs.Losses("cut"));
    }

    [Fact]
    public void WholePartsOfAGgufFileAreNotTrained()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => Trainer.Start(_runs.Recipe($"model.path={Quantized()}", "freeze=[]", "parts.all=null", "parts.projector=full"), _runs.Folder("run")));
        Assert.Contains("percept convert", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The tiny LLaVA with weights of 8 bits where its rows are long enough.</summary>
    private string Quantized()
    {
        string file = _runs.Folder("tiny.gguf");
        CheckpointConverter.Convert(_runs.Model, file, new ConvertOptions { Type = WeightType.Q8_0 });
        return file;
    }
}
