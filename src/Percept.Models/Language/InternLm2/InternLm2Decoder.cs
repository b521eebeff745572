using Percept.Checkpoints;
using Percept.Tensors;

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
                new DecoderAttention(read, weights["self_attn"], layer, Ungroup(read, weights["self_attn"])),
        };
    }

    /// <summary>
    /// <c>wqkv</c> holds, for each key head, the queries that share it, its key and its value. → the layers of each.
    /// </summary>
    private static (Linear Query, Linear Key, Linear Value) Ungroup(DecoderConfig config, WeightScope weights)
    {
        int size = config.HeadSize, groups = config.KeyValueHeads, shared = config.Heads / groups;
        Linear all = weights.Linear("wqkv", groups * (shared + 2) * size, config.HiddenSize, config.QueryKeyValueBias);
        Linear Part(int first, int heads) => new(
            Gather(all.Weight, groups, shared + 2, first, heads),
            all.Bias is { } bias ? Gather(bias, groups, shared + 2, first, heads) : null,
            all.Precision);
        return (Part(0, shared), Part(shared, 1), Part(shared + 1, 1));
    }

    /// <summary>Some heads out of each group, one after the other, in the format in which they are stored.</summary>
    private static Tensor Gather(Tensor rows, int groups, int perGroup, int first, int heads)
    {
        int size = rows.Shape[0] / (groups * perGroup);
        Tensor gathered = Ops.Empty(rows.Shape.With(0, groups * heads * size), rows.DType);
        for (int g = 0; g < groups; g++)
        {
            using Tensor source = rows.Rows(((g * perGroup) + first) * size, heads * size);
            using Tensor target = gathered.Rows(g * heads * size, heads * size);
            Ops.CopyTo(source, target);
        }

        return gathered;
    }
}
