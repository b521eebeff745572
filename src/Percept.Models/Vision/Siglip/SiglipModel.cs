using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>SigLIP as a whole (transformers: <c>SiglipModel</c>).</summary>
internal static class SiglipModel
{
    /// <summary>The names in files are the model's.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Ignore("{*}_model.embeddings.position_ids", "a buffer that counts");

    internal static DualEncoder Make(ConfigReader config, WeightScope weights) =>
        Make(new SiglipVisionModel(Part(config, "vision_config"), weights), config, weights);

    /// <summary>SigLIP 2 of native sizes (transformers: <c>Siglip2Model</c>); only the vision tower differs.</summary>
    internal static DualEncoder Make2(ConfigReader config, WeightScope weights) =>
        Make(new Siglip2VisionModel(Part(config, "vision_config"), weights), config, weights);

    private static DualEncoder Make(IVisionEncoder vision, ConfigReader config, WeightScope weights) => new(
        vision, new SiglipTextModel(Part(config, "text_config"), weights), weights.Float("logit_scale", [1]),
        weights.Float("logit_bias", [1]));

    private static ConfigReader Part(ConfigReader config, string name) =>
        config.FindSection(name) ?? ConfigReader.Parse("{}"u8, config.File);
}
