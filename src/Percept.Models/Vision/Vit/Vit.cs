using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>The plain ViT (transformers: <c>vit</c>).</summary>
internal static class Vit
{
    private static readonly VisionSizes s_defaults = new() { NormEps = 1e-12f };

    /// <summary>Published names; models with a head put <c>vit.</c> before those of the trunk.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("vit.{*}", "{*}");

    internal static VitModel Make(ConfigReader config, WeightScope weights) => new(Read(config, "ViT"), weights);

    /// <summary>What ViT, DeiT and I-JEPA have in common.</summary>
    internal static VitOptions Read(ConfigReader config, string name)
    {
        VisionSizes sizes = VisionSizes.Read(config, s_defaults);
        bool bias = config.Flag("qkv_bias", true);
        config.Skip("encoder_stride");
        return new VitOptions
        {
            Name = name,
            Sizes = sizes,
            Block = sizes.Block(VisionBlockNames.Vit) with { QueryBias = bias, KeyBias = bias, ValueBias = bias },
            PoolerSize = config.Int("pooler_output_size", sizes.HiddenSize),
            PoolerActivation = config.ReadActivation("tanh", "pooler_act"),
        };
    }
}
