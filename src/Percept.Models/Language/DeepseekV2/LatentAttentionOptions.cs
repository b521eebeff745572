using Percept.Tensors;

namespace Percept.Models;

/// <summary>What an attention with latent keys and values is made of.</summary>
public sealed record LatentAttentionOptions
{
    /// <summary>Channels in and out.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>num_attention_heads.</summary>
    public required int Heads { get; init; }

    /// <summary>q_lora_rank; null where queries are made of the input at once.</summary>
    public required int? QueryRank { get; init; }

    /// <summary>kv_lora_rank: channels of the latent.</summary>
    public required int LatentRank { get; init; }

    /// <summary>qk_nope_head_dim: channels of a head's keys that do not turn.</summary>
    public required int PlainSize { get; init; }

    /// <summary>qk_rope_head_dim: channels of a head's keys that turn; keys share them.</summary>
    public required int RotarySize { get; init; }

    /// <summary>v_head_dim.</summary>
    public required int ValueSize { get; init; }

    /// <summary>Factor of scores.</summary>
    public required float Scale { get; init; }

    /// <summary>Which channels turn together.</summary>
    public required RopeLayout RopeLayout { get; init; }

    /// <summary>Whether the layers from and to the hidden size have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>What the norms of latents add to the mean square: always the reference's default.</summary>
    public float NormEps { get; init; } = 1e-6f;
}
