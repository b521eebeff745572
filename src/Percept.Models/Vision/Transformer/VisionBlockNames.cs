namespace Percept.Models;

/// <summary>The names of a layer's parts in the checkpoints of a family.</summary>
public sealed record VisionBlockNames
{
    /// <summary>The norm before attention.</summary>
    public required string Norm1 { get; init; }

    /// <summary>The norm before the feed-forward part.</summary>
    public required string Norm2 { get; init; }

    /// <summary>The layer of queries.</summary>
    public required string Query { get; init; }

    /// <summary>The layer of keys.</summary>
    public required string Key { get; init; }

    /// <summary>The layer of values.</summary>
    public required string Value { get; init; }

    /// <summary>Queries, keys and values as one layer, used where the checkpoint has it.</summary>
    public required string Fused { get; init; }

    /// <summary>The attention's output layer.</summary>
    public required string Output { get; init; }

    /// <summary>The first feed-forward layer.</summary>
    public required string Fc1 { get; init; }

    /// <summary>The last feed-forward layer.</summary>
    public required string Fc2 { get; init; }

    /// <summary>The gate of a gated feed-forward part.</summary>
    public string Gate { get; init; } = "mlp.gate_proj";

    /// <summary>The factors of the attention's answer, a tensor.</summary>
    public string Scale1 { get; init; } = "layer_scale1.lambda1";

    /// <summary>The factors of the feed-forward part's answer, a tensor.</summary>
    public string Scale2 { get; init; } = "layer_scale2.lambda1";

    /// <summary>Where a table of relative positions stands.</summary>
    public string Window { get; init; } = "attention.attention.relative_position_bias";

    /// <summary>CLIP's and SigLIP's.</summary>
    internal static VisionBlockNames Clip { get; } = new()
    {
        Norm1 = "layer_norm1",
        Norm2 = "layer_norm2",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        Fused = "self_attn.in_proj",
        Output = "self_attn.out_proj",
        Fc1 = "mlp.fc1",
        Fc2 = "mlp.fc2",
    };

    /// <summary>BLIP's.</summary>
    internal static VisionBlockNames Blip { get; } = Clip with { Fused = "self_attn.qkv", Output = "self_attn.projection" };

    /// <summary>Those of ViT, DeiT, MAE, I-JEPA.</summary>
    internal static VisionBlockNames Vit { get; } = new()
    {
        Norm1 = "layernorm_before",
        Norm2 = "layernorm_after",
        Query = "attention.attention.query",
        Key = "attention.attention.key",
        Value = "attention.attention.value",
        Fused = "attention.attention.qkv",
        Output = "attention.output.dense",
        Fc1 = "intermediate.dense",
        Fc2 = "output.dense",
    };

    /// <summary>BEiT's.</summary>
    internal static VisionBlockNames Beit { get; } = Vit with { Scale1 = "lambda_1", Scale2 = "lambda_2" };

    /// <summary>DINOv2's, with or without registers.</summary>
    internal static VisionBlockNames Dinov2 { get; } = Vit with
    {
        Norm1 = "norm1",
        Norm2 = "norm2",
        Fc1 = "mlp.fc1",
        Fc2 = "mlp.fc2",
    };
}
