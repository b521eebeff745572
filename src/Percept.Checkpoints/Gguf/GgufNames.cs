namespace Percept.Checkpoints;

/// <summary>
/// How the names of tensors in GGUF files and those of the hub's checkpoints become each other, by architecture: one table,
/// read forward to load a file and backward to write one.
/// </summary>
public static class GgufNames
{
    private const string ToldByConfig = "told by the configuration";

    // The last is the one that is written.
    private static readonly string[] s_newlines = ["v.image_newline", "model.image_newline"];

    private static readonly KeyMap s_shared = KeyMap.Identity
        .Rename("token_embd.{*}", "model.embed_tokens.{*}")
        .Rename("output_norm.{*}", "model.norm.{*}")
        .Rename("output.{*}", "lm_head.{*}")
        .Rename("blk.{n}.attn_norm.{*}", "model.layers.{n}.input_layernorm.{*}")
        .Rename("blk.{n}.attn_output.{*}", "model.layers.{n}.self_attn.o_proj.{*}")
        .Rename("blk.{n}.ffn_down.{*}", "model.layers.{n}.mlp.down_proj.{*}")
        .Ignore("rope_freqs.weight", ToldByConfig)
        .Ignore("rope_factors_long.weight", ToldByConfig)
        .Ignore("rope_factors_short.weight", ToldByConfig)
        .Ignore("blk.{n}.attn_rot_embd", "a buffer that is computed")
        .Ignore("blk.{n}.attn_rot_embd.{*}", "a buffer that is computed");

    private static readonly KeyMap s_split = s_shared
        .Rename("blk.{n}.attn_q.{*}", "model.layers.{n}.self_attn.q_proj.{*}")
        .Rename("blk.{n}.attn_k.{*}", "model.layers.{n}.self_attn.k_proj.{*}")
        .Rename("blk.{n}.attn_v.{*}", "model.layers.{n}.self_attn.v_proj.{*}")
        .Rename("blk.{n}.attn_q_norm.{*}", "model.layers.{n}.self_attn.q_norm.{*}")
        .Rename("blk.{n}.attn_k_norm.{*}", "model.layers.{n}.self_attn.k_norm.{*}")
        .Rename("blk.{n}.ffn_gate.{*}", "model.layers.{n}.mlp.gate_proj.{*}")
        .Rename("blk.{n}.ffn_up.{*}", "model.layers.{n}.mlp.up_proj.{*}");

    private static readonly KeyMap s_llama = s_split.Rename("blk.{n}.ffn_norm.{*}", "model.layers.{n}.post_attention_layernorm.{*}");

    private static readonly KeyMap s_gemma2 = s_split
        .Rename("blk.{n}.post_attention_norm.{*}", "model.layers.{n}.post_attention_layernorm.{*}")
        .Rename("blk.{n}.ffn_norm.{*}", "model.layers.{n}.pre_feedforward_layernorm.{*}")
        .Rename("blk.{n}.post_ffw_norm.{*}", "model.layers.{n}.post_feedforward_layernorm.{*}");

    private static readonly KeyMap s_phi3 = s_shared
        .Rename("blk.{n}.attn_qkv.{*}", "model.layers.{n}.self_attn.qkv_proj.{*}")
        .Rename("blk.{n}.ffn_up.{*}", "model.layers.{n}.mlp.gate_up_proj.{*}")
        .Rename("blk.{n}.ffn_norm.{*}", "model.layers.{n}.post_attention_layernorm.{*}");

    private static readonly KeyMap s_tower = KeyMap.Identity
        .Rename("v.class_embd", "vision_tower.vision_model.embeddings.class_embedding")
        .Rename("v.patch_embd.{*}", "vision_tower.vision_model.embeddings.patch_embedding.{*}")
        .Rename("v.position_embd.{*}", "vision_tower.vision_model.embeddings.position_embedding.{*}")
        .Rename("v.pre_ln.{*}", "vision_tower.vision_model.pre_layrnorm.{*}")
        .Rename("v.post_ln.{*}", "vision_tower.vision_model.post_layernorm.{*}")
        .Rename("v.blk.{n}.attn_q.{*}", "vision_tower.vision_model.encoder.layers.{n}.self_attn.q_proj.{*}")
        .Rename("v.blk.{n}.attn_k.{*}", "vision_tower.vision_model.encoder.layers.{n}.self_attn.k_proj.{*}")
        .Rename("v.blk.{n}.attn_v.{*}", "vision_tower.vision_model.encoder.layers.{n}.self_attn.v_proj.{*}")
        .Rename("v.blk.{n}.attn_out.{*}", "vision_tower.vision_model.encoder.layers.{n}.self_attn.out_proj.{*}")
        .Rename("v.blk.{n}.ln1.{*}", "vision_tower.vision_model.encoder.layers.{n}.layer_norm1.{*}")
        .Rename("v.blk.{n}.ln2.{*}", "vision_tower.vision_model.encoder.layers.{n}.layer_norm2.{*}")
        .Rename("mm.0.{*}", "multi_modal_projector.linear_1.{*}")
        .Rename("mm.2.{*}", "multi_modal_projector.linear_2.{*}")
        .Rename(s_newlines[0], "image_newline")
        .Rename(s_newlines[1], "image_newline");

    private static readonly Dictionary<string, KeyMap> s_maps = new(StringComparer.Ordinal)
    {
        ["llama"] = s_llama,
        ["qwen2"] = s_llama,
        ["qwen3"] = s_llama,
        ["gemma"] = s_llama,
        ["gemma2"] = s_gemma2,
        ["gemma3"] = s_gemma2,
        ["phi3"] = s_phi3,
    };

    /// <summary>The tower whose <c>ffn_down</c> widens, as the first converters wrote it and Percept writes it.</summary>
    internal static KeyMap SwappedTower { get; } = s_tower
        .Rename("v.blk.{n}.ffn_down.{*}", "vision_tower.vision_model.encoder.layers.{n}.mlp.fc1.{*}")
        .Rename("v.blk.{n}.ffn_up.{*}", "vision_tower.vision_model.encoder.layers.{n}.mlp.fc2.{*}");

    /// <summary>The tower whose <c>ffn_up</c> widens.</summary>
    internal static KeyMap StraightTower { get; } = s_tower
        .Rename("v.blk.{n}.ffn_up.{*}", "vision_tower.vision_model.encoder.layers.{n}.mlp.fc1.{*}")
        .Rename("v.blk.{n}.ffn_down.{*}", "vision_tower.vision_model.encoder.layers.{n}.mlp.fc2.{*}");

    /// <summary>The names of a model's tensors.</summary>
    /// <param name="source">A language model or a vision tower.</param>
    /// <returns>
    /// A map to the names of the hub: <c>model.layers.0.…</c> for a language model; <c>vision_tower.vision_model.…</c> and
    /// <c>multi_modal_projector.…</c> for a tower.
    /// </returns>
    /// <exception cref="InvalidDataException">The file does not say its architecture.</exception>
    /// <exception cref="NotSupportedException">The architecture is not known.</exception>
    public static KeyMap For(GgufSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var model = new GgufModel(source.Files);
        return model.Architecture == GgufArchitecture.Tower
            ? GgufTowerConfig.IsSwapped(model) ? SwappedTower : StraightTower
            : s_maps.GetValueOrDefault(model.Architecture) ?? throw GgufArchitecture.Unknown(model, GgufArchitecture.Known);
    }

    /// <summary>The names of a language model of an architecture.</summary>
    /// <param name="architecture">The value of <c>general.architecture</c>.</param>
    /// <exception cref="NotSupportedException">The architecture is not known.</exception>
    public static KeyMap For(string architecture) => s_maps.GetValueOrDefault(architecture) ?? throw new NotSupportedException(
        $"The names of the architecture '{architecture}' are not known; known are {string.Join(", ", s_maps.Keys)}.");

    /// <summary>The tensor that ends a row of tiles; null when the tower has none.</summary>
    internal static string? NewlineOf(GgufModel model) => s_newlines.FirstOrDefault(model.Has);
}
