using System.Globalization;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>DINOv2 (transformers: <c>dinov2</c>).</summary>
internal static class Dinov2
{
    /// <summary>Published names, and those of the authors' own files; heads put <c>dinov2.</c> before those of the trunk.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("dinov2.{*}", "{*}")
        .Rename("cls_token", "embeddings.cls_token")
        .Rename("mask_token", "embeddings.mask_token")
        .Rename("register_tokens", "embeddings.register_tokens")
        .Rename("pos_embed", "embeddings.position_embeddings")
        .Rename("patch_embed.proj.{*}", "embeddings.patch_embeddings.projection.{*}")
        .Rename("norm.{*}", "layernorm.{*}")
        .Rename("blocks.{n}.attn.qkv.{*}", "encoder.layer.{n}.attention.attention.qkv.{*}")
        .Rename("blocks.{n}.attn.proj.{*}", "encoder.layer.{n}.attention.output.dense.{*}")
        .Rename("blocks.{n}.ls1.gamma", "encoder.layer.{n}.layer_scale1.lambda1")
        .Rename("blocks.{n}.ls2.gamma", "encoder.layer.{n}.layer_scale2.lambda1")
        .Rename("blocks.{n}.mlp.w12.{*}", "encoder.layer.{n}.mlp.weights_in.{*}")
        .Rename("blocks.{n}.mlp.w3.{*}", "encoder.layer.{n}.mlp.weights_out.{*}")
        .Rename("blocks.{n}.{*}", "encoder.layer.{n}.{*}");

    internal static VitModel Make(ConfigReader config, WeightScope weights) =>
        new(Read(config, "DINOv2", patch: 14, registers: 0), weights);

    /// <summary>What DINOv2 has with registers or without.</summary>
    internal static VitOptions Read(ConfigReader config, string name, int patch, int registers)
    {
        VisionSizes sizes = VisionSizes.Read(config, new VisionSizes { PatchSize = patch });
        bool gated = config.Flag("use_swiglu_ffn", false), bias = config.Flag("qkv_bias", true);
        int inner = (int)(sizes.HiddenSize * config.Number("mlp_ratio", 4));

        // The reference's rule: two thirds, rounded up to a multiple of 8.
        inner = gated ? ((int)(inner * 2 / 3.0) + 7) / 8 * 8 : inner;
        sizes = sizes with { IntermediateSize = inner };
        config.Skip("layerscale_value", "drop_path_rate", "use_mask_token");
        VisionBlockNames names = gated
            ? VisionBlockNames.Dinov2 with { Fc1 = "mlp.weights_in", Fc2 = "mlp.weights_out" }
            : VisionBlockNames.Dinov2;
        return Maps(config, new VitOptions
        {
            Name = name,
            Sizes = sizes,
            Block = sizes.Block(names) with
            {
                QueryBias = bias,
                KeyBias = bias,
                ValueBias = bias,
                LayerScale = true,
                Mlp = gated ? VisionMlpKind.GatedFused : VisionMlpKind.Plain,
                Activation = gated ? Activation.Silu : sizes.Activation,
            },
            Registers = registers,
            AnySize = true,
            PoolsClassToken = true,
            Classifier = VitClassifierInput.ClassTokenAndMean,
        });
    }

    /// <summary>The settings of a backbone: which stages are maps, and whether they are normed and shaped.</summary>
    internal static VitOptions Maps(ConfigReader config, VitOptions options)
    {
        int layers = options.Sizes.Layers;
        int[]? indices = config.FindInts("out_indices");
        string[]? names = config.FindTexts("out_features");
        config.Skip("stage_names");
        if (!config.Flag("reshape_hidden_states", true))
        {
            throw config.Unsupported("reshape_hidden_states", "false", "true");
        }

        int[] stages = names is not null ? [.. names.Select(name => Stage(config, name, layers))]
            : indices is not null ? [.. indices.Select(index => index < 0 ? index + layers + 1 : index)]
            : [layers];
        return Array.Exists(stages, stage => stage < 0 || stage > layers)
            ? throw config.Unsupported("out_indices", string.Join(", ", stages), $"stages 0 to {layers}")
            : options with { MapStages = [.. stages.Order()], NormedMaps = config.Flag("apply_layernorm", true) };
    }

    private static int Stage(ConfigReader config, string name, int layers) => name == "stem" ? 0
        : name.StartsWith("stage", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan("stage".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int stage)
        ? stage
        : throw config.Unsupported("out_features", name, $"stem, stage1 to stage{layers}");
}
