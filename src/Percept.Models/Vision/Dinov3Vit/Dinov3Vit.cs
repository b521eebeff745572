using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>DINOv3's ViT: registers, and rotary positions instead of a table (transformers: <c>dinov3_vit</c>).</summary>
internal static class Dinov3Vit
{
    private static readonly VisionSizes s_defaults = new()
    {
        HiddenSize = 384, IntermediateSize = 1536, Heads = 6, NormEps = 1e-5f,
    };

    private static readonly VisionBlockNames s_names = new()
    {
        Norm1 = "norm1",
        Norm2 = "norm2",
        Query = "attention.q_proj",
        Key = "attention.k_proj",
        Value = "attention.v_proj",
        Fused = "attention.qkv",
        Output = "attention.o_proj",
        Fc1 = "mlp.up_proj",
        Fc2 = "mlp.down_proj",
    };

    /// <summary>Published names; transformers 5 puts <c>model.</c> before those of layers.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("model.{*}", "{*}");

    internal static VitModel Make(ConfigReader config, WeightScope weights)
    {
        VisionSizes sizes = VisionSizes.Read(config, s_defaults);
        if (sizes.HiddenSize / sizes.Heads % 4 != 0)
        {
            throw config.Unsupported(
                "num_attention_heads", $"{sizes.Heads} for {sizes.HiddenSize} channels", "heads of a multiple of 4 channels");
        }

        // What remains only blurs positions during pre-training.
        config.Skip("layerscale_value", "drop_path_rate", "pos_embed_shift", "pos_embed_jitter", "pos_embed_rescale");
        var options = new VitOptions
        {
            Name = "DINOv3",
            Sizes = sizes,
            Block = sizes.Block(s_names) with
            {
                QueryBias = config.Flag("query_bias", true),
                KeyBias = config.Flag("key_bias", false),
                ValueBias = config.Flag("value_bias", true),
                OutputBias = config.Flag("proj_bias", true),
                MlpBias = config.Flag("mlp_bias", true),
                Mlp = config.Flag("use_gated_mlp", false) ? VisionMlpKind.Gated : VisionMlpKind.Plain,
                LayerScale = true,
            },
            Registers = config.Int("num_register_tokens", 0),
            RopeTheta = config.FindNumber("rope_theta") ?? config.FindSection("rope_parameters")?.FindNumber("rope_theta") ?? 100,
            AnySize = true,
            PatchEmbedding = "patch_embeddings",
            Layers = "layer",
            FinalNorm = "norm",
            PoolsClassToken = true,
        };
        return new VitModel(Dinov2.Maps(config, options), weights);
    }
}
