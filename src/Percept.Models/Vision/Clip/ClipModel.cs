using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>CLIP as a whole (transformers: <c>CLIPModel</c>).</summary>
internal static class ClipModel
{
    /// <summary>The names in files are the model's.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Ignore("{*}_model.embeddings.position_ids", "a buffer that counts");

    internal static DualEncoder Make(ConfigReader config, WeightScope weights)
    {
        int shared = config.Int("projection_dim", 512);
        config.Skip("logit_scale_init_value");
        return new DualEncoder(
            new ClipVisionModel(Part(config, "vision_config"), weights, shared),
            new ClipTextModel(Part(config, "text_config"), weights, shared),
            weights.Float("logit_scale", []));
    }

    /// <summary>
    /// A tower's section. Old files say it twice; then the reference takes every value from <c>…_dict</c>, and where that is
    /// silent the class's own, not the other section's.
    /// </summary>
    private static ConfigReader Part(ConfigReader config, string name)
    {
        ConfigReader? old = config.FindSection($"{name}_dict");
        if (old is not null)
        {
            config.Skip(name);
        }

        return old ?? config.FindSection(name) ?? ConfigReader.Parse("{}"u8, config.File);
    }
}
