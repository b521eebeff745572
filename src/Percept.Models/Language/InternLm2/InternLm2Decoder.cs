using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>
/// InternLM2 (authors' modeling_internlm2.py: <c>internlm2</c>): Llama's arithmetic under other names, with q, k and v of each
/// key head standing together in one matrix.
/// </summary>
internal static class InternLm2Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 103168, Hidden = 4096, Inner = 11008, Layers = 32, Heads = 32, Positions = 2048,
    };

    /// <summary>From the authors' names to Llama's.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("model.tok_embeddings.{*}", "model.embed_tokens.{*}")
        .Rename("output.{*}", "lm_head.{*}")
        .Rename("model.layers.{n}.attention_norm.{*}", "model.layers.{n}.input_layernorm.{*}")
        .Rename("model.layers.{n}.ffn_norm.{*}", "model.layers.{n}.post_attention_layernorm.{*}")
        .Rename("model.layers.{n}.attention.wo.{*}", "model.layers.{n}.self_attn.o_proj.{*}")
        .Rename("model.layers.{n}.attention.{*}", "model.layers.{n}.self_attn.{*}")
        .Rename("model.layers.{n}.feed_forward.w1.{*}", "model.layers.{n}.mlp.gate_proj.{*}")
        .Rename("model.layers.{n}.feed_forward.w3.{*}", "model.layers.{n}.mlp.up_proj.{*}")
        .Rename("model.layers.{n}.feed_forward.w2.{*}", "model.layers.{n}.mlp.down_proj.{*}")
        .Ignore("{*}rotary_emb.inv_freq", "a buffer that is computed");

    internal static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("bias", true);
        return s_defaults.Read(config) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            Attention = (read, weights, layer) =>
                new DecoderAttention(read, weights["self_attn"], layer, Projections(read, weights["self_attn"])),
        };
    }

    /// <summary><c>wqkv</c> holds, for each key head, the queries that share it, its key and its value.</summary>
    private static LinearGroup Projections(DecoderConfig config, WeightScope weights)
    {
        int size = config.HeadSize, groups = config.KeyValueHeads, shared = config.Heads / groups;
        Linear all = weights.Linear("wqkv", groups * (shared + 2) * size, config.HiddenSize, config.QueryKeyValueBias);
        return LinearGroup.InTurns(all, groups, shared * size, size, size);
    }
}
