using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>Numbers that are none are an error that says where they begin.</summary>
public class EngineNumbersTests
{
    private const string Model = "text/qwen2/sliding";

    [Theory]
    [InlineData("model.layers.0.mlp.down_proj.weight", "first bad layer is 0:", 1)]
    [InlineData("model.layers.1.self_attn.v_proj.weight", "first bad layer is 1:", 1)]
    [InlineData("model.layers.1.input_layernorm.weight", "first bad layer is 1:", 4)]
    [InlineData("model.layers.2.self_attn.o_proj.weight", "first bad layer is 2:", 1)]
    [InlineData("model.norm.weight", "final norm", 1)]
    [InlineData("model.embed_tokens.weight", "lm_head", 1)]
    public void ABadWeightsLayerIsNamed(string tensor, string said, int beams)
    {
        ILanguageModel model = Broken(tensor);
        using var engine = new InferenceEngine(model, new EngineOptions { PrefillChunk = 4 });
        var error = Assert.Throws<InvalidLogitsException>(() => engine.Result(EngineRuns.Request([.. Enumerable.Range(10, 11)], 5) with
        {
            Settings = new GenerationSettings { MaxNewTokens = 5, NumBeams = beams },
        }));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("percept inspect", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The token with broken numbers comes in the first of three pieces; the last reads them from the cache.</summary>
    [Fact]
    public void NumbersThatAPieceBeforeBroughtAreFoundThere()
    {
        using var engine = new InferenceEngine(Broken("model.embed_tokens.weight"), new EngineOptions { PrefillChunk = 4 });
        var error = Assert.Throws<InvalidLogitsException>(() => engine.Result(EngineRuns.Request([71, .. Enumerable.Range(10, 10)], 5)));
        Assert.Contains("embeddings", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("first bad layer is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SamplingDoesNotHideThem()
    {
        using var engine = new InferenceEngine(Broken("model.layers.1.mlp.up_proj.weight"));
        var error = Assert.Throws<InvalidLogitsException>(() => engine.Result(EngineRuns.Request([.. Enumerable.Range(10, 11)], 5) with
        {
            Settings = new GenerationSettings { MaxNewTokens = 5, DoSample = true, TopP = 0.8, TopK = 5, Seed = 1 },
        }));
        Assert.Contains("first bad layer is 1:", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Forbidding every token is the request's fault, and no layer's.</summary>
    [Fact]
    public void ForbiddenTokensAreNotBrokenWeights()
    {
        using var engine = new InferenceEngine(TinyModels.Language(Model));
        var error = Assert.Throws<InvalidLogitsException>(() => engine.Result(EngineRuns.Request([4, 5], 5) with
        {
            Settings = new GenerationSettings { MaxNewTokens = 5, SuppressTokens = [.. Enumerable.Range(0, 72)] },
        }));
        Assert.DoesNotContain("layer", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, engine.Tokens([4, 5], 3).Count);
    }

    private static ILanguageModel Broken(string tensor) => TinyModels.Changed(
        Model,
        tensors => tensors[tensor].Writable<float>()[^1] = float.NaN,
        folder => ModelLoader.Load(folder).As<ILanguageModel>());
}
