using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// A layer of the transformer: self-attention, attention over an encoder where there is one, feed-forward part; each is added
/// to what came in, with its norm before it or after the sum.
/// </summary>
internal sealed class TransformerLayer : ILayer
{
    private readonly int _layer;

    internal TransformerLayer(int layer) => _layer = layer;

    /// <summary>Whether norms stand before the parts, rather than after the sums.</summary>
    internal required bool NormsFirst { get; init; }

    internal required IDecoderAttention Attention { get; init; }

    internal required Norm AttentionNorm { get; init; }

    /// <summary>Null where the layer looks at no encoder.</summary>
    internal CrossAttention? Cross { get; init; }

    /// <summary>Whether a batch of which no sequence has a memory of an encoder's states passes the attention over it by; else it is refused.</summary>
    internal bool CrossIsOptional { get; init; }

    /// <summary>There where <see cref="Cross"/> is.</summary>
    internal Norm? CrossNorm { get; init; }

    internal required IFeedForward FeedForward { get; init; }

    internal required Norm FeedForwardNorm { get; init; }

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step, ForwardTrace? trace)
    {
        Tensor state = Sum(input, Attention.Forward(Enter(input, AttentionNorm), step), AttentionNorm);
        if (Cross is not null && !(CrossIsOptional && !step.Batch.HasMemory))
        {
            state = Sum(state, Cross.Forward(Enter(state, CrossNorm!), step.Batch), CrossNorm!);
        }

        return Sum(state, FeedForward.Forward(Enter(state, FeedForwardNorm), _layer, trace), FeedForwardNorm);
    }

    /// <summary>The keys and values of an encoder's states [M, size], for layers that all look at them.</summary>
    internal static CrossMemory Remember(TransformerLayer[] layers, Tensor states)
    {
        var keys = new Tensor[layers.Length];
        var values = new Tensor[layers.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            (keys[i], values[i]) = layers[i].Cross!.Remember(states);
        }

        return new CrossMemory(keys, values);
    }

    private Tensor Enter(Tensor state, Norm norm) => NormsFirst ? norm.Forward(state) : state;

    private Tensor Sum(Tensor state, Tensor answer, Norm norm)
    {
        Tensor sum = Ops.Add(state, answer);
        return NormsFirst ? sum : norm.Forward(sum);
    }
}
