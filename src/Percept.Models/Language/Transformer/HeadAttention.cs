using Percept.Tensors;

namespace Percept.Models;

/// <summary>Self-attention without rotary positions: GPT-2's, BERT's, T5's and that of their kin.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
internal sealed class HeadAttention : IDecoderAttention
{
    private readonly LinearGroup _projections;
    private readonly Linear _output;
    private readonly int _heads;
    private readonly AttentionOptions _options;
    private readonly int _layer;

    /// <summary>Makes it of layers.</summary>
    /// <param name="parts">The layers.</param>
    /// <param name="causal">Whether queries see no keys after their own.</param>
    /// <param name="layer">The layer, in the caches.</param>
    internal HeadAttention(AttentionParts parts, bool causal, int layer)
        : this(LinearGroup.Apart(parts.Query, parts.Key, parts.Value), parts.Output, parts.Heads, parts.Scale, causal, layer)
    {
    }

    /// <summary>Makes it of layers that may be stored as one.</summary>
    /// <param name="projections">hidden → heads·D, heads·D, heads·Dv.</param>
    /// <param name="output">heads·Dv → hidden.</param>
    /// <param name="heads">How many heads there are.</param>
    /// <param name="scale">Factor of scores; null for 1/√D.</param>
    /// <param name="causal">Whether queries see no keys after their own.</param>
    /// <param name="layer">The layer, in the caches.</param>
    internal HeadAttention(LinearGroup projections, Linear output, int heads, float? scale, bool causal, int layer)
    {
        _projections = projections;
        _output = output;
        _heads = heads;
        _options = new AttentionOptions { Scale = scale, Causal = causal };
        _layer = layer;
    }

    /// <inheritdoc/>
    public KvLayerShape CacheShape => new(_heads, _projections.Outputs(1) / _heads, _projections.Outputs(2) / _heads);

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step)
    {
        Span<Tensor> parts = [default, default, default];
        _projections.Forward(input, parts);
        foreach (ref Tensor part in parts)
        {
            part = Ops.Reshape(part, [part.Shape[0], _heads, part.Shape[1] / _heads]);
        }

        return _output.Forward(PackedAttention.Run(parts[0], parts[1], parts[2], step.Batch, _layer, _options, step.Bias));
    }
}
