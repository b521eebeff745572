using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>
/// OPT and Galactica (transformers: <c>opt</c>): learned positions from row 2 on; the 350M model has its norms after the sums
/// and embeddings of another size than its layers.
/// </summary>
internal static class OptDecoder
{
    private const int FirstRow = 2;

    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("decoder.{*}", "model.decoder.{*}");

    internal static ILanguageModel Make(ConfigReader config, WeightScope weights)
    {
        config.Skip("init_std", "layerdrop");
        int hidden = config.Size(768, "hidden_size"), heads = config.Size(12, "num_attention_heads");
        int positions = config.Size(2048, "max_position_embeddings");
        int vocabulary = config.Size(50272, "vocab_size"), width = config.Size(hidden, "word_embed_proj_dim");
        bool normsFirst = config.Flag("do_layer_norm_before", true), affine = config.Flag("layer_norm_elementwise_affine", true);
        bool finalNorm = normsFirst & !config.Flag("_remove_final_layer_norm", false);
        config.RequireHeads(hidden, heads, "num_attention_heads");
        var layer = new FairseqLayer
        {
            HiddenSize = hidden,
            Heads = heads,
            IntermediateSize = config.Size(3072, "ffn_dim"),
            Activation = config.ReadActivation("relu", "activation_function"),
            NormsFirst = normsFirst,
            Causal = true,
            Bias = config.Flag("enable_bias", true),
            AffineNorms = affine,
        };
        WeightScope model = weights["model"]["decoder"];
        var input = new TransformerInput
        {
            Tokens = model["embed_tokens"].Take("weight", [vocabulary, width]),
            Projection = width == hidden ? null : model.Linear("project_in", hidden, width, bias: false),
            Positions = new LearnedPositions(model, "embed_positions", positions + FirstRow, hidden, FirstRow),
        };
        var head = new OutputHead { Decoder = weights.Head("lm_head", input.Tokens, config.Flag("tie_word_embeddings", true)) };
        return new TransformerDecoder(input, layer.Take(model, config.Size(12, "num_hidden_layers")), head)
        {
            FinalNorm = finalNorm ? model.LayerNormIf("final_layer_norm", hidden, layer.NormEps, affine) : null,
            OutputProjection = width == hidden ? null : model.Linear("project_out", width, hidden, bias: false),
            CountsTokens = true,
        };
    }
}
