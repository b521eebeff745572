using Percept.Checkpoints;
using Percept.Tensors;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>The same numbers in the several layouts of published files are the same model.</summary>
public class LayoutTests
{
    [Theory]
    [InlineData("mixtral", 4)]
    [InlineData("qwen2_moe", 5)]
    [InlineData("qwen3_moe", 5)]
    [InlineData("deepseek_v3", 6)]
    public void ExpertsMayStandInOneTensor(string name, int experts)
    {
        TinyCheckpoint apart = TinyDecoders.All[name]().Renamed(MixtralDecoder.Keys.ToModel);
        TinyCheckpoint fused = TinyDecoders.All[name]().Renamed(MixtralDecoder.Keys.ToModel);
        for (int layer = 0; layer < 2; layer++)
        {
            string at = $"model.layers.{layer}.mlp.experts";
            if (!fused.Names.Contains($"{at}.0.up_proj.weight"))
            {
                continue;
            }

            Tensor[] gates = Take(fused, at, "gate_proj", experts), ups = Take(fused, at, "up_proj", experts);
            fused.Put($"{at}.gate_up_proj", Ops.Stack([.. gates.Select((gate, e) => Ops.Concat([gate, ups[e]], 0))], 0))
                .Put($"{at}.down_proj", Ops.Stack(Take(fused, at, "down_proj", experts), 0));
        }

        Assert.NotEqual(apart.Names, fused.Names);
        Same(apart, fused);
        Same(TinyDecoders.All[name](), fused);
    }

    [Fact]
    public void InternLm2IsALlamaWithItsHeadsInGroups()
    {
        TinyCheckpoint grouped = TinyDecoders.All["internlm2"](), llama = TinyDecoders.All["llama"]();
        for (int layer = 0; layer < 2; layer++)
        {
            // Two groups of two queries, a key and a value, heads of 6 channels.
            Tensor wqkv = grouped[$"model.layers.{layer}.attention.wqkv.weight"];
            Tensor Rows(params int[] heads) => Ops.Concat([.. heads.Select(head => wqkv.Rows(6 * head, 6))], 0);
            llama.Put($"model.layers.{layer}.self_attn.q_proj.weight", Rows(0, 1, 4, 5))
                .Put($"model.layers.{layer}.self_attn.k_proj.weight", Rows(2, 6))
                .Put($"model.layers.{layer}.self_attn.v_proj.weight", Rows(3, 7));
        }

        foreach (string name in grouped.Names.Where(name => !name.Contains("wqkv", StringComparison.Ordinal)))
        {
            llama.Put(InternLm2Decoder.Keys.ToModel(name), grouped[name]);
        }

        Same(grouped, llama);
    }

    [Fact]
    public void Gpt2MayComeWithoutAPrefixAndWithMasks()
    {
        TinyCheckpoint bare = TinyDecoders.Gpt2().Renamed(name => name["transformer.".Length..])
            .Add("h.0.attn.bias", 1, 1, 32, 32).Add("h.1.attn.masked_bias");
        Same(TinyDecoders.Gpt2(), bare);
        Assert.Equal(2, bare.Load().Report.Ignored.Count);
    }

    [Fact]
    public void OptMayComeAsItsDecoder() => Same(
        TinyDecoders.All["opt"](), TinyDecoders.All["opt"]().Renamed(name => name["model.".Length..]));

    [Theory]
    [InlineData("gpt2", "transformer.wte.weight")]
    [InlineData("opt", "model.decoder.embed_tokens.weight")]
    public void ATiedHeadMayBeInTheFileToo(string name, string table)
    {
        TinyCheckpoint tiny = TinyDecoders.All[name]();
        Same(TinyDecoders.All[name](), tiny.Put("lm_head.weight", tiny[table]));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("opt")]
    public void AHeadOfItsOwnCounts(string name)
    {
        TinyCheckpoint own = TinyDecoders.All[name]().With("tie_word_embeddings", "false").Add("lm_head.weight", 40, 24);
        Runs.Different(Logits(TinyDecoders.All[name]()), Logits(own));
    }

    [Theory]
    [InlineData("shared.weight")]
    [InlineData("encoder.embed_tokens.weight")]
    [InlineData("decoder.embed_tokens.weight")]
    public void T5sTableHasSeveralNames(string name)
    {
        TinyCheckpoint tiny = TinyEncoders.T5(decoder: true, gated: false);
        Tensor table = tiny["shared.weight"];
        float[] expected = CrossLogits(tiny);
        Runs.Same(expected, CrossLogits(tiny.Remove("shared.weight").Put(name, table)));
        Runs.Same(expected, CrossLogits(tiny.Put("shared.weight", table).Put("encoder.embed_tokens.weight", table)));
    }

    [Fact]
    public void T5sOutputIsScaledWhereTheConfigurationSaysSo()
    {
        TinyCheckpoint tiny = TinyEncoders.T5(decoder: true, gated: false);
        float factor = MathF.Sqrt(24);
        float[] scaled = CrossLogits(tiny);
        Runs.Same([.. scaled.Select(number => number * factor)], CrossLogits(tiny.With("tie_word_embeddings", "false")));
        Runs.Same(scaled, CrossLogits(tiny.With("scale_decoder_outputs", "true")));
    }

    [Fact]
    public void OlderT5FilesHoldATableThatNothingReads() => Runs.Same(
        CrossLogits(TinyEncoders.T5(decoder: true, gated: false)),
        CrossLogits(TinyEncoders.T5(decoder: true, gated: false)
            .Add("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", 8, 4)));

    [Fact]
    public void BartMayComeWithoutAPrefix()
    {
        TinyCheckpoint tiny = TinyEncoders.Bart();
        Runs.Same(CrossLogits(tiny), CrossLogits(tiny.Renamed(name => name.Replace("model.", string.Empty, StringComparison.Ordinal))));
    }

    [Fact]
    public void BartsHeadHasABiasOfItsOwn()
    {
        TinyCheckpoint tiny = TinyEncoders.Bart();
        float[] bias = tiny["final_logits_bias"].ToArray<float>(), with = CrossLogits(tiny);
        float[] without = CrossLogits(tiny.Remove("final_logits_bias"));
        Runs.Same([.. without.Select((number, i) => number + bias[i % bias.Length])], with);
    }

    [Fact]
    public void BertsHeadMayNameItsBiasTwice()
    {
        TinyCheckpoint tiny = TinyEncoders.Bert("bert", cross: false).With("is_decoder", "true");
        float[] expected = Logits(tiny);
        Tensor bias = tiny["cls.predictions.bias"];
        Runs.Same(expected, Logits(tiny.Put("cls.predictions.decoder.bias", bias)));
        Runs.Same(expected, Logits(tiny.Remove("cls.predictions.bias")));
        Runs.Same(expected, Logits(tiny.Put(
            "cls.predictions.decoder.weight", tiny["bert.embeddings.word_embeddings.weight"])));
    }

    [Fact]
    public void DeepSeeksFurtherLayerIsLeftOut()
    {
        LoadedModel model = TinyDecoders.All["deepseek_v3"]().Add("model.layers.61.eh_proj.weight", 4, 4).Load();
        Assert.Contains(model.Report.Ignored, pair => pair.Key == "model.layers.61.eh_proj.weight");
    }

    private static Tensor[] Take(TinyCheckpoint tiny, string at, string part, int experts)
    {
        var taken = new Tensor[experts];
        for (int e = 0; e < experts; e++)
        {
            taken[e] = tiny[$"{at}.{e}.{part}.weight"];
            tiny.Remove($"{at}.{e}.{part}.weight");
        }

        return taken;
    }

    private static void Same(TinyCheckpoint one, TinyCheckpoint other) => Runs.Same(Logits(one), Logits(other), 1e-5f);

    private static float[] Logits(TinyCheckpoint tiny) => Runs.Whole(tiny.Load().As<ILanguageModel>(), Runs.Sequences[0]);

    private static float[] CrossLogits(TinyCheckpoint tiny)
    {
        ICrossDecoder model = tiny.Load().As<ICrossDecoder>();
        using CrossMemory memory = model.Remember(Ops.RandomNormal([4, model.MemorySize], new RandomStream(9)));
        return Runs.Whole(model.Decoder, Runs.Sequences[0], memory);
    }
}
