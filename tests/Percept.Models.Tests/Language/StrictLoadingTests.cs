using Percept.Tensors;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>A checkpoint that does not fit its configuration is refused, with all that is needed to mend it.</summary>
public class StrictLoadingTests
{
    [Theory]
    [InlineData("llama", "model.layers.1.self_attn.k_proj.weight")]
    [InlineData("mixtral", "model.layers.1.block_sparse_moe.experts.3.w2.weight", "model.layers.1.mlp.experts.3.down_proj.weight")]
    [InlineData("qwen2_moe", "model.layers.0.mlp.shared_expert_gate.weight")]
    [InlineData("deepseek_v3", "model.layers.1.mlp.gate.e_score_correction_bias")]
    [InlineData("deepseek_v2", "model.layers.0.self_attn.q_a_layernorm.weight")]
    [InlineData("internlm2", "model.layers.0.attention.wqkv.weight", "model.layers.0.self_attn.wqkv.weight")]
    [InlineData("gpt2", "transformer.h.1.mlp.c_fc.bias")]
    [InlineData("opt", "model.decoder.final_layer_norm.bias")]
    public void AMissingTensorIsNamed(string name, string tensor, string? asked = null)
    {
        TinyCheckpoint tiny = TinyDecoders.All[name]();
        Shape shape = tiny[tensor].Shape;
        var error = Assert.Throws<KeyNotFoundException>(() => tiny.Remove(tensor).Load());
        Assert.Contains($"'{asked ?? tensor}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(shape.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("nearest", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert", "bert.encoder.layer.1.crossattention.self.value.bias")]
    [InlineData("t5", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")]
    [InlineData("bart", "model.decoder.layers.0.encoder_attn.out_proj.weight")]
    public void AMissingTensorOfADecoderWithAnEncoderIsNamed(string name, string tensor)
    {
        var error = Assert.Throws<KeyNotFoundException>(() => TinyEncoders.CrossDecoders[name]().Remove(tensor).Load());
        Assert.Contains(tensor, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mixtral", "model.layers.0.block_sparse_moe.experts.4.w1.weight")]
    [InlineData("qwen3_moe", "model.layers.0.mlp.experts.0.up_proj.weight")]
    [InlineData("deepseek_v2", "model.layers.0.self_attn.q_proj.weight")]
    [InlineData("gpt2", "transformer.h.2.ln_1.weight")]
    [InlineData("opt", "model.decoder.project_in.weight")]
    public void AnUnknownTensorIsNamed(string name, string tensor)
    {
        var error = Assert.Throws<InvalidDataException>(() => TinyDecoders.All[name]().Add(tensor, 4, 4).Load());
        Assert.Contains($"'{tensor}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mixtral", "model.layers.1.block_sparse_moe.experts.2.w3.weight")]
    [InlineData("deepseek_v3", "model.layers.0.self_attn.kv_b_proj.weight")]
    [InlineData("internlm2", "model.layers.1.attention.wqkv.weight")]
    [InlineData("gpt2", "transformer.h.0.attn.c_attn.weight")]
    [InlineData("opt", "model.decoder.embed_positions.weight")]
    public void ATensorOfAnotherShapeIsNamed(string name, string tensor)
    {
        TinyCheckpoint tiny = TinyDecoders.All[name]();
        Shape expected = tiny[tensor].Shape;
        var error = Assert.Throws<InvalidDataException>(() => tiny.Add(tensor, 3, 5).Load());
        Assert.Contains($"'{tensor}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("[3, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deepseek_v2", "scoring_func", "\"sigmoid\"")]
    [InlineData("deepseek_v2", "topk_method", "\"noaux_tc\"")]
    [InlineData("deepseek_v3", "scoring_func", "\"softmax\"")]
    [InlineData("deepseek_v3", "topk_method", "\"greedy\"")]
    [InlineData("gpt2", "add_cross_attention", "true")]
    [InlineData("gpt2", "activation_function", "\"snake\"")]
    [InlineData("bert as decoder", "position_embedding_type", "\"relative_key\"")]
    [InlineData("mixtral", "rope_scaling", """{"type": "spiral"}""")]
    public void ASettingThatIsNotThereIsRefused(string name, string key, string json)
    {
        var error = Assert.Throws<NotSupportedException>(() => TinyDecoders.All[name]().With(key, json).Load());
        Assert.Contains(key.Replace("rope_scaling", "rope_type", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bart", "normalize_before", "true")]
    [InlineData("t5", "feed_forward_proj", "\"gated-snake\"")]
    [InlineData("bert", "is_decoder", "false")]
    public void ASettingOfADecoderWithAnEncoderIsRefused(string name, string key, string json) =>
        Assert.Throws<NotSupportedException>(() => TinyEncoders.CrossDecoders[name]().With(key, json).Load());

    [Theory]
    [InlineData("gpt2", "n_head", "5")]
    [InlineData("opt", "num_attention_heads", "7")]
    [InlineData("deepseek_v2", "moe_layer_freq", "0")]
    [InlineData("qwen3_moe", "decoder_sparse_step", "0")]
    [InlineData("llama", "num_key_value_heads", "3")]
    public void SizesThatDoNotFitAreRefused(string name, string key, string json)
    {
        var error = Assert.Throws<InvalidDataException>(() => TinyDecoders.All[name]().With(key, json).Load());
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelOfAnotherKindIsRefused()
    {
        var error = Assert.Throws<NotSupportedException>(() => TinyDecoders.All["llama"]().Load().As<ITextEncoder>());
        Assert.Contains("llama", error.Message, StringComparison.Ordinal);
    }
}
