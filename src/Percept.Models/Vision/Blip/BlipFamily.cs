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
        config.Skip("projection_dim", "pad_token_id", "eos_token_id", "sep_token_id", "label_smoothing");
        int seen = vision.Size(768, "hidden_size"), memory = config.Size(seen, "encoder_hidden_size");
        return memory == seen
            ? BertConfig.Read(config, vocabulary: 30524, usualHeads: 8) with { Types = 0, Causal = causal, Cross = true, MemorySize = memory }
            : throw new InvalidDataException(
                $"'{config.File}': 'encoder_hidden_size' is {memory}, and the tower's 'hidden_size' {seen}. Give them one number.");
    }
}
