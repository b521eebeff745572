using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>BLIP (transformers: <c>blip</c>): the model that a configuration's <c>architectures</c> names.</summary>
internal static class BlipFamily
{
    private const string Retrieval = "BlipForImageTextRetrieval", Captions = "BlipForConditionalGeneration";

    /// <summary>Names in files are those of the model; a buffer of positions is computed.</summary>
    internal static KeyMap Keys { get; } = BertLayers.Keys;

    internal static object Make(ConfigReader config, WeightScope weights)
    {
        string[] named = config.FindTexts("architectures") ?? [];
        config.Skip("projection_dim", "logit_scale_init_value", "initializer_factor", "label_smoothing");
        ConfigReader vision = config.Section("vision_config"), text = config.Section("text_config");
        return true switch
        {
            _ when named.Contains(Retrieval) => new BlipRetrieval(
                new BlipVisionModel(vision, weights["vision_model"]), Text(text, vision, causal: false), config.Int("image_text_hidden_size", 256), weights),
            _ when named.Contains(Captions) => new BlipCaptioner(
                new BlipVisionModel(vision, weights["vision_model"]), Text(text, vision, causal: true), text, weights),
            _ => throw config.Unsupported("architectures", string.Join(", ", named), $"{Retrieval}, {Captions}"),
        };
    }

    /// <summary>A BERT without types of tokens, whose layers look at the tower's states.</summary>
    private static BertConfig Text(ConfigReader config, ConfigReader vision, bool causal)
    {
        config.Skip("projection_dim", "is_decoder", "pad_token_id", "eos_token_id", "sep_token_id", "label_smoothing");
        int hidden = config.Size(768, "hidden_size"), heads = config.Size(8, "num_attention_heads");
        config.RequireHeads(hidden, heads, "num_attention_heads");
        int seen = vision.Size(768, "hidden_size"), memory = config.Size(seen, "encoder_hidden_size");
        return memory == seen
            ? new BertConfig
            {
                VocabularySize = config.Size(30524, "vocab_size"),
                HiddenSize = hidden,
                Layers = config.Size(12, "num_hidden_layers"),
                Heads = heads,
                IntermediateSize = config.Size(3072, "intermediate_size"),
                Activation = config.ReadActivation("gelu", "hidden_act"),
                PositionRows = config.Size(512, "max_position_embeddings"),
                Types = 0,
                NormEps = (float)config.Number("layer_norm_eps", 1e-12),
                Causal = causal,
                Cross = true,
                MemorySize = memory,
                Tied = config.Flag("tie_word_embeddings", true),
            }
            : throw new InvalidDataException(
                $"'{config.File}': 'encoder_hidden_size' is {memory}, and the tower's 'hidden_size' {seen}. Give them one number.");
    }
}
