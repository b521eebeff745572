using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Where the norms of a decoder's layer stand.</summary>
public enum NormPlacement
{
    /// <summary>Before attention and feed-forward (Llama).</summary>
    Before,

    /// <summary>After them, before they are added (OLMo 2).</summary>
    After,

    /// <summary>Both (Gemma 2 and 3).</summary>
    Around,
}

/// <summary>Which norm queries and keys pass before they are turned.</summary>
public enum QueryKeyNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>An RMS norm over each head's channels (Qwen3, Gemma 3).</summary>
    Head,

    /// <summary>An RMS norm over all heads together (OLMo 2).</summary>
    Full,
}

/// <summary>
/// What a decoder of the Llama kind is made of. Families differ in these values only; each reads them from its own
/// <c>config.json</c>.
/// </summary>
public sealed record DecoderConfig
{
    /// <summary>hidden_size.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>num_hidden_layers.</summary>
    public required int Layers { get; init; }

    /// <summary>num_attention_heads.</summary>
    public required int Heads { get; init; }

    /// <summary>num_key_value_heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>head_dim.</summary>
    public required int HeadSize { get; init; }

    /// <summary>intermediate_size of dense layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>vocab_size.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>max_position_embeddings: how many tokens the model was made for.</summary>
    public required int MaximumPositions { get; init; }

    /// <summary>The rotary frequencies; several where kinds of layers differ.</summary>
    public required IReadOnlyList<RopeFrequencies> Ropes { get; init; }

    /// <summary>Which of <see cref="Ropes"/> a layer uses; null for the first.</summary>
    public Func<int, int>? RopeOfLayer { get; init; }

    /// <summary>Which channels turn together.</summary>
    public RopeLayout RopeLayout { get; init; }

    /// <summary>Further divisors of the inverse frequencies, one for each pair (GGUF's <c>rope_freqs</c>); null for none.</summary>
    public float[]? RopeDivisors { get; init; }

    /// <summary>Which axis of position each pair of channels follows (M-RoPE); null where positions have one axis.</summary>
    public int[]? AxisOfPair { get; init; }

    /// <summary>How many past tokens a layer's queries see, themselves counted; null for all.</summary>
    public Func<int, int?>? WindowOfLayer { get; init; }

    /// <summary>rms_norm_eps.</summary>
    public float NormEps { get; init; } = 1e-6f;

    /// <summary>Whether stored norm weights are the factor less 1 (Gemma).</summary>
    public bool NormUnitOffset { get; init; }

    /// <summary>Where the norms stand.</summary>
    public NormPlacement Norms { get; init; }

    /// <summary>The norm of queries and keys.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>The feed-forward part's activation.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output layer has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the feed-forward layers have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Factor of attention scores; null for 1/√(head size).</summary>
    public float? AttentionScale { get; init; }

    /// <summary>Cap of attention scores; null for none.</summary>
    public float? AttentionSoftCap { get; init; }

    /// <summary>Cap of logits; null for none.</summary>
    public float? LogitSoftCap { get; init; }

    /// <summary>How the loss that spreads tokens over experts counts in training; null for not at all.</summary>
    public RouterBalance? Balance { get; init; }

    /// <summary>Factor of token embeddings.</summary>
    public float EmbeddingScale { get; init; } = 1f;

    /// <summary>Factor of logits.</summary>
    public float LogitScale { get; init; } = 1f;

    /// <summary>Whether the head is the table of embeddings.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Makes the feed-forward part of a layer; null for a <see cref="GatedMlp"/> named <c>mlp</c>.</summary>
    public Func<DecoderConfig, WeightScope, int, IFeedForward>? FeedForward { get; init; }

    /// <summary>Makes the attention of a layer; null for a <see cref="DecoderAttention"/> named <c>self_attn</c>.</summary>
    public Func<DecoderConfig, WeightScope, int, IDecoderAttention>? Attention { get; init; }
}
