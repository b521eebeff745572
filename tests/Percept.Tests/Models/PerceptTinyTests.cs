using Percept.Checkpoints;
using Percept.Cli;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tests.Cli;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>The model that comes with Percept is what its card says.</summary>
public sealed class PerceptTinyTests : IDisposable
{
    private static readonly string s_model = Path.Combine(RepositoryFiles.Root, "models", "percept-tiny");
    private static readonly AnswerOptions s_greedy = new() { Adjust = settings => settings with { DoSample = false, MaxNewTokens = 48 } };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItIsASmallLlavaInTheLayoutOfTheHub()
    {
        LoadedModel loaded = ModelLoader.Load(s_model);
        Assert.Equal("llava", loaded.ModelType);
        Assert.True(loaded.Report.Taken.Sum(tensor => tensor.Shape.Count) <= 9_500_000);
        Assert.Empty(loaded.UnreadKeys);
        string file = Path.Combine(s_model, "model.safetensors");
        Assert.True(new FileInfo(file).Length <= 20_000_000);
        using SafetensorsFile weights = SafetensorsFile.Open(file);
        Assert.All(weights.Entries.Values, entry => Assert.Equal(DType.BF16, entry.Type));
        foreach (string name in (string[])[
            "vision_tower.vision_model.embeddings.patch_embedding.weight", "multi_modal_projector.linear_2.bias",
            "language_model.model.layers.0.self_attn.q_proj.weight", "language_model.model.embed_tokens.weight"])
        {
            Assert.Contains(name, weights.Entries.Keys);
        }

        Assert.Equal(weights.Entries.Keys.Order(), loaded.Report.Taken.Select(tensor => tensor.FileName).Order());
    }

    [Fact]
    public async Task AsGgufWithMmprojItAnswersAlike()
    {
        string gguf = _folder.File("percept-tiny-f32.gguf");
        CommandRun run = CommandRun.Of("convert", s_model, gguf, "--type", "f32");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(await Answers(s_model), await Answers(gguf));
    }

    private static async Task<string[]> Answers(string model)
    {
        using MultimodalChat chat = MultimodalChat.Load(model, new EngineOptions { CacheType = KvCacheType.F32 }, LinearPrecision.Exact);
        var answers = new List<string>();
        foreach (DemoQuestion question in DemoSet.Read(s_model).Questions)
        {
            MediaContent[] pictures = [.. question.Pictures.Select(path => MediaLoader.Load(path))];
            ChatAnswer answer = await chat.AnswerAsync(
                [ChatTurn.User(question.Question, pictures)], s_greedy, TestContext.Current.CancellationToken);
            answers.Add(answer.Text);
        }

        return [.. answers];
    }
}
