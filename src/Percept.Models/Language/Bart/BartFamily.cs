using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// BART (transformers: <c>bart</c>): norms after the sums and over embeddings, learned positions from row 2 on, a shared table
/// that is the head too, with a bias of its own.
/// </summary>
internal static class BartFamily
{
    private const int FirstRow = 2;

    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("shared.{*}", "model.shared.{*}")
        .Rename("encoder.{*}", "model.encoder.{*}")
        .Rename("decoder.{*}", "model.decoder.{*}")
        .Ignore("model.encoder.version", "a mark of older files")
        .Ignore("model.decoder.version", "a mark of older files");

    internal static object Make(ConfigReader config, WeightScope weights)
    {
        // What older files say of the class's fixed choices; layers that training leaves out; classes of other heads.
        config.Skip(
            "init_std", "encoder_layerdrop", "decoder_layerdrop", "classif_dropout", "num_labels", "num_hidden_layers",
            "normalize_embedding", "extra_pos_embeddings", "force_bos_token_to_be_generated", "static_position_embeddings",
            "add_bias_logits");
        config.RefuseFlags("normalize_before", "add_final_layer_norm", "do_blenderbot_90_layernorm");
        int hidden = config.Size(1024, "d_model", "hidden_size"), vocabulary = config.Size(50265, "vocab_size");
        WeightScope model = weights["model"];
        Tensor tokens = model.Shared(
            [vocabulary, hidden], "shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
        TransformerInput Input(WeightScope side) => new()
        {
            Tokens = tokens,
            Scale = config.Flag("scale_embedding", false) ? (float)Math.Sqrt(hidden) : 1f,
            Positions = new LearnedPositions(
                side, "embed_positions", config.Size(1024, "max_position_embeddings") + FirstRow, hidden, FirstRow),
            Norm = side.LayerNorm("layernorm_embedding", hidden, 1e-5f),
        };
        TransformerInput encoderInput = Input(model["encoder"]), decoderInput = Input(model["decoder"]);
        var encoder = new TransformerEncoder(
            encoderInput, Layers(config, hidden, "encoder").Take(model["encoder"], config.Size(12, "encoder_layers")), hidden);
        var decoder = new TransformerDecoder(
            decoderInput,
            (Layers(config, hidden, "decoder") with { Causal = true, Cross = true })
                .Take(model["decoder"], config.Size(12, "decoder_layers")),
            Head(config, weights, tokens));
        return new EncoderDecoder(encoder, decoder, config.Int("decoder_start_token_id", 2));
    }

    private static FairseqLayer Layers(ConfigReader config, int hidden, string side)
    {
        int heads = config.Size(16, $"{side}_attention_heads");
        config.RequireHeads(hidden, heads, $"{side}_attention_heads");
        return new FairseqLayer
        {
            HiddenSize = hidden,
            Heads = heads,
            IntermediateSize = config.Size(4096, $"{side}_ffn_dim"),
            Activation = config.ReadActivation("gelu", "activation_function"),
        };
    }

    /// <summary>The head's bias is a buffer of the model, beside the head.</summary>
    private static OutputHead Head(ConfigReader config, WeightScope weights, Tensor tokens)
    {
        Linear head = weights.Head("lm_head", tokens, config.Flag("tie_word_embeddings", true));
        Tensor? bias = weights.FindFloat("final_logits_bias", [1, tokens.Shape[0]]) is { } row
            ? Ops.Reshape(row, [tokens.Shape[0]])
            : head.Bias;
        return new OutputHead { Decoder = new Linear(head.Weight, bias, head.Precision) };
    }
}
