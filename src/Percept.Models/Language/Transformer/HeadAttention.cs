using Percept.Tensors;

namespace Percept.Models;

/// <summary>Self-attention without rotary positions: GPT-2's, BERT's, T5's and that of their kin.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
internal sealed class HeadAttention : IDecoderAttention
{
    private readonly AttentionParts _parts;
    private readonly AttentionOptions _options;
    private readonly int _layer;

    /// <summary>Makes it of layers.</summary>
    /// <param name="parts">The layers.</param>
    /// <param name="causal">Whether queries see no keys after their own.</param>
    /// <param name="layer">The layer, in the caches.</param>
    internal HeadAttention(AttentionParts parts, bool causal, int layer)
    {
        _parts = parts;
        _options = new AttentionOptions { Scale = parts.Scale, Causal = causal };
        _layer = layer;
    }

    /// <inheritdoc/>
    public KvLayerShape CacheShape => new(_parts.Heads, _parts.KeySize, _parts.ValueSize);

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step)
    {
        Tensor query = _parts.Headed(_parts.Query, input), key = _parts.Headed(_parts.Key, input);
        Tensor value = _parts.Headed(_parts.Value, input);
        return _parts.Output.Forward(PackedAttention.Run(query, key, value, step.Batch, _layer, _options, step.Bias));
    }
}
