using Percept.Checkpoints;
using Percept.Tensors;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>Settings whose meaning no golden case shows, by what they do.</summary>
public class SettingTests
{
    [Fact]
    public void Qwen2MoeHasWindowsInEveryOtherOfItsFirstLayers()
    {
        DecoderConfig read = Qwen2MoeDecoder.Read(Config(
            """{"num_hidden_layers": 6, "use_sliding_window": true, "sliding_window": 9, "max_window_layers": 4}"""));
        Assert.Equal([9, null, 9, null, null, null], Enumerable.Range(0, 6).Select(read.WindowOfLayer!));
        read = Qwen2MoeDecoder.Read(Config("""{"num_hidden_layers": 2, "sliding_window": 9}"""));
        Assert.Equal([null, null], Enumerable.Range(0, 2).Select(read.WindowOfLayer!));
    }

    [Fact]
    public void Qwen3MoeHasWindowsInAllLayers()
    {
        DecoderConfig read = Qwen3MoeDecoder.Read(Config(
            """{"num_hidden_layers": 3, "use_sliding_window": true, "sliding_window": 9, "max_window_layers": 1}"""));
        Assert.Equal([9, 9, 9], Enumerable.Range(0, 3).Select(read.WindowOfLayer!));
    }

    [Theory]
    [InlineData("""{"decoder_sparse_step": 2}""", "010101")]
    [InlineData("""{"decoder_sparse_step": 1, "mlp_only_layers": [1, 4]}""", "101101")]
    [InlineData("""{"decoder_sparse_step": 1}""", "111111")]
    public void QwenPutsExpertsIntoSomeLayers(string json, string expected)
    {
        Func<int, bool> sparse = SparseLayers.Qwen(Config(json), experts: 4);
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, 6).Select(layer => sparse(layer) ? '1' : '0')));
    }

    [Fact]
    public void RopeInTheOlderSpellingCountsWhereBothAreThere()
    {
        RopeFrequencies read = RopeSettings.Read(
            Config("""
                {"rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
                 "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}}
                """),
            8, 10000, 128);
        Assert.Equal((RopeScaling.Yarn, 4.0, 32), (read.Scaling, read.Factor, read.OriginalPositions));
        read = RopeSettings.Read(
            Config("""{"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e6}, "rope_scaling": null}"""), 8, 10000, 128);
        Assert.Equal((RopeScaling.Linear, 2.0, 1e6), (read.Scaling, read.Factor, read.Theta));
    }

    [Fact]
    public void Phi3KnowsTheLongRuleByThreeNamesAndNoOther()
    {
        foreach (string name in (string[])["longrope", "su", "yarn"])
        {
            DecoderConfig read = Phi3Decoder.Read(Config(
                $$"""{"hidden_size": 64, "rope_scaling": {"type": "{{name}}", "short_factor": [1.0], "long_factor": [2.0]}, "original_max_position_embeddings": 16}"""));
            Assert.Equal((RopeScaling.LongRope, 16), (read.Ropes[0].Scaling, read.Ropes[0].OriginalPositions));
        }

        Assert.Contains(
            "Linear",
            Assert.Throws<NotSupportedException>(
                () => Phi3Decoder.Read(Config("""{"rope_scaling": {"type": "linear", "factor": 2.0}}"""))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "long_factor",
            Assert.Throws<NotSupportedException>(
                () => Phi3Decoder.Read(Config("""{"hidden_size": 64, "rope_scaling": {"type": "longrope", "short_factor": [1.0]}}"""))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"num_attention_heads": 4, "num_key_value_heads": null}""", 4)]
    [InlineData("""{"num_attention_heads": 32}""", 8)]
    [InlineData("""{"num_attention_heads": 4, "num_key_value_heads": 2}""", 2)]
    public void KeyValueHeadsWrittenAsNullAreAsManyAsHeads(string json, int expected) =>
        Assert.Equal(expected, MistralDecoder.Read(Config(json)).KeyValueHeads);

    [Fact]
    public void RenormalisingChangesTheWeightsOfExperts() => Runs.Different(
        Logits(TinyDecoders.Qwen3Moe()), Logits(TinyDecoders.Qwen3Moe().With("norm_topk_prob", "false")));

    [Theory]
    [InlineData("routed_scaling_factor", "1.0")]
    [InlineData("topk_group", "1")]
    [InlineData("norm_topk_prob", "false")]
    [InlineData("rope_interleave", "false")]
    [InlineData("rope_theta", "100.0")]
    [InlineData("rms_norm_eps", "0.1")]
    [InlineData("rope_scaling", """{"type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "mscale_all_dim": 1.0}""")]
    public void DeepSeekV3HonoursItsSettings(string key, string json) => Runs.Different(
        Logits(TinyDecoders.DeepSeek("deepseek_v3", null)), Logits(TinyDecoders.DeepSeek("deepseek_v3", null).With(key, json)));

    [Theory]
    [InlineData("scale_attn_weights", "false")]
    [InlineData("scale_attn_by_inverse_layer_idx", "true")]
    [InlineData("activation_function", "\"relu\"")]
    [InlineData("layer_norm_epsilon", "0.5")]
    public void Gpt2HonoursItsSettings(string key, string json) =>
        Runs.Different(Logits(TinyDecoders.Gpt2()), Logits(TinyDecoders.Gpt2().With(key, json)));

    [Fact]
    public void EveryKeyOfTheTinyConfigurationsIsRead()
    {
        foreach (Func<TinyCheckpoint> tiny in TinyDecoders.All.Values
            .Concat(TinyEncoders.Encoders.Values).Concat(TinyEncoders.CrossDecoders.Values))
        {
            LoadedModel model = tiny().Load();
            Assert.Empty(model.UnreadKeys);
        }
    }

    [Fact]
    public void OptCountsTokensAndOthersPlaces()
    {
        Assert.True(TinyDecoders.All["opt"]().Load().As<ILanguageModel>().CountsTokens);
        Assert.False(TinyDecoders.All["gpt2"]().Load().As<ILanguageModel>().CountsTokens);
        Assert.False(TinyDecoders.All["llama"]().Load().As<ILanguageModel>().CountsTokens);
    }

    [Fact]
    public void LatentsAreWhatDeepSeekRemembers()
    {
        ILanguageModel model = TinyDecoders.All["deepseek_v3"]().Load().As<ILanguageModel>();
        Assert.Equal(new KvLayerShape(1, 15, 9), model.CacheShapes[0]);
    }

    [Fact]
    public void WeightsThatAreTrainedAreNotLaidOutTwice()
    {
        TinyCheckpoint tiny = TinyDecoders.All["deepseek_v2"]();
        ILanguageModel model = tiny.Load(LoadOptions.TrainingAll).As<ILanguageModel>();
        int[] tokens = Runs.Sequences[0];
        Runs.Same(Runs.Whole(model, tokens), Runs.Cached(model, [tokens], [2, 1])[0]);
    }

    private static ConfigReader Config(string json) => ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(json), "config.json");

    private static float[] Logits(TinyCheckpoint tiny) => Runs.Whole(tiny.Load().As<ILanguageModel>(), Runs.Sequences[0]);
}
