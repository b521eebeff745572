using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Layers by the names of fairseq's models: OPT, BART and their kin.</summary>
internal sealed record FairseqLayer
{
    /// <summary>Channels.</summary>
    internal required int HiddenSize { get; init; }

    /// <summary>Heads of attention.</summary>
    internal required int Heads { get; init; }

    /// <summary>Channels inside the feed-forward part.</summary>
    internal required int IntermediateSize { get; init; }

    /// <summary>The function of the feed-forward part.</summary>
    internal required Activation Activation { get; init; }

    /// <summary>Whether norms stand before the parts, rather than after the sums.</summary>
    internal bool NormsFirst { get; init; }

    /// <summary>Whether tokens see no later ones.</summary>
    internal bool Causal { get; init; }

    /// <summary>Whether there is an attention over an encoder, <c>encoder_attn</c>.</summary>
    internal bool Cross { get; init; }

    /// <summary>Whether linear layers have biases.</summary>
    internal bool Bias { get; init; } = true;

    /// <summary>Whether norms have weights.</summary>
    internal bool AffineNorms { get; init; } = true;

    /// <summary>What norms add to the variance.</summary>
    internal float NormEps { get; init; } = 1e-5f;

    /// <summary>Takes the layers <c>layers.0</c>, …</summary>
    /// <param name="weights">Where <c>layers</c> stands.</param>
    /// <param name="count">How many there are.</param>
    internal TransformerLayer[] Take(WeightScope weights, int count)
    {
        var layers = new TransformerLayer[weights.CheckCount(count, "layers")];
        for (int i = 0; i < count; i++)
        {
            layers[i] = One(weights["layers"][i], i);
        }

        return layers;
    }

    private TransformerLayer One(WeightScope weights, int layer) => new(layer)
    {
        NormsFirst = NormsFirst,
        Attention = new HeadAttention(Parts(weights["self_attn"]), Causal, layer),
        AttentionNorm = TakeNorm(weights, "self_attn_layer_norm"),
        Cross = Cross ? new CrossAttention(Parts(weights["encoder_attn"]), layer) : null,
        CrossNorm = Cross ? TakeNorm(weights, "encoder_attn_layer_norm") : null,
        FeedForward = new Mlp(
            weights.Linear("fc1", IntermediateSize, HiddenSize, Bias),
            weights.Linear("fc2", HiddenSize, IntermediateSize, Bias),
            Activation),
        FeedForwardNorm = TakeNorm(weights, "final_layer_norm"),
    };

    private AttentionParts Parts(WeightScope weights) => new(
        Heads,
        weights.Linear("q_proj", HiddenSize, HiddenSize, Bias),
        weights.Linear("k_proj", HiddenSize, HiddenSize, Bias),
        weights.Linear("v_proj", HiddenSize, HiddenSize, Bias),
        weights.Linear("out_proj", HiddenSize, HiddenSize, Bias));

    private Norm TakeNorm(WeightScope weights, string name) => weights.LayerNormIf(name, HiddenSize, NormEps, AffineNorms);
}
