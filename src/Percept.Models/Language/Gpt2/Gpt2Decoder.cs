using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>GPT-2 (transformers: <c>gpt2</c>): learned positions, matrices stored [in, out], a tied head.</summary>
internal static class Gpt2Decoder
{
    /// <summary>The first published files have no <c>transformer.</c> in front, and hold causal masks.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("h.{*}", "transformer.h.{*}")
        .Rename("wte.{*}", "transformer.wte.{*}")
        .Rename("wpe.{*}", "transformer.wpe.{*}")
        .Rename("ln_f.{*}", "transformer.ln_f.{*}")
        .Ignore("transformer.h.{n}.attn.bias", "a causal mask, which is computed")
        .Ignore("transformer.h.{n}.attn.masked_bias", "a constant of the mask");

    internal static ILanguageModel Make(ConfigReader config, WeightScope weights)
    {
        // n_ctx repeats n_positions; products are float32 here in any case.
        config.Skip("n_ctx", "reorder_and_upcast_attn");
        config.RefuseFlags("add_cross_attention");
        int hidden = config.Size(768, "n_embd", "hidden_size"), heads = config.Size(12, "n_head", "num_attention_heads");
        int positions = config.Size(1024, "n_positions", "max_position_embeddings");
        int inner = config.Size(4 * hidden, "n_inner"), vocabulary = config.Size(50257, "vocab_size");
        float eps = (float)config.Number("layer_norm_epsilon", 1e-5);
        Activation activation = config.ReadActivation("gelu_new", "activation_function");
        bool scaled = config.Flag("scale_attn_weights", true), byLayer = config.Flag("scale_attn_by_inverse_layer_idx", false);
        config.RequireHeads(hidden, heads, "n_head");
        WeightScope model = weights["transformer"];
        var input = new TransformerInput
        {
            Tokens = model["wte"].Take("weight", [vocabulary, hidden]),
            Positions = new LearnedPositions(model, "wpe", positions, hidden),
        };
        var layers = new TransformerLayer[weights.CheckCount(config.Size(12, "n_layer", "num_hidden_layers"), "layers")];
        for (int i = 0; i < layers.Length; i++)
        {
            WeightScope layer = model["h"][i];
            double scale = (scaled ? 1 / Math.Sqrt(hidden / heads) : 1) / (byLayer ? i + 1 : 1);
            layers[i] = new TransformerLayer(i)
            {
                NormsFirst = true,
                Attention = new HeadAttention(
                    LinearGroup.Fused(layer["attn"].LinearTransposed("c_attn", 3 * hidden, hidden), hidden, hidden, hidden),
                    layer["attn"].LinearTransposed("c_proj", hidden, hidden), heads, (float)scale, causal: true, i),
                AttentionNorm = layer.LayerNorm("ln_1", hidden, eps),
                FeedForward = new Mlp(
                    layer["mlp"].LinearTransposed("c_fc", inner, hidden), layer["mlp"].LinearTransposed("c_proj", hidden, inner),
                    activation),
                FeedForwardNorm = layer.LayerNorm("ln_2", hidden, eps),
            };
        }

        var head = new OutputHead { Decoder = weights.Head("lm_head", input.Tokens, config.Flag("tie_word_embeddings", true)) };
        return new TransformerDecoder(input, layers, head) { FinalNorm = model.LayerNorm("ln_f", hidden, eps) };
    }
}
