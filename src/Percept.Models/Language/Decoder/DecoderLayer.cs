using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A layer: attention and feed-forward part with their norms, each added to what came in.</summary>
internal sealed class DecoderLayer : ILayer
{
    private readonly int _layer;
    private readonly Norm? _beforeAttention;
    private readonly Norm? _afterAttention;
    private readonly Norm? _beforeFeedForward;
    private readonly Norm? _afterFeedForward;
    private readonly IFeedForward _feedForward;

    internal DecoderLayer(DecoderConfig config, WeightScope weights, int layer)
    {
        _layer = layer;
        Norm Take(string name) => weights.RmsNorm(name, config.HiddenSize, config.NormEps, config.NormUnitOffset);
        if (config.Norms != NormPlacement.After)
        {
            _beforeAttention = Take("input_layernorm");
        }

        Attention = config.Attention?.Invoke(config, weights, layer) ?? new DecoderAttention(config, weights["self_attn"], layer);
        switch (config.Norms)
        {
            case NormPlacement.Before:
                _beforeFeedForward = Take("post_attention_layernorm");
                break;
            case NormPlacement.After:
                _afterAttention = Take("post_attention_layernorm");
                _afterFeedForward = Take("post_feedforward_layernorm");
                break;
            default:
                _afterAttention = Take("post_attention_layernorm");
                _beforeFeedForward = Take("pre_feedforward_layernorm");
                _afterFeedForward = Take("post_feedforward_layernorm");
                break;
        }

        _feedForward = config.FeedForward?.Invoke(config, weights, layer)
            ?? new GatedMlp(weights["mlp"], config.HiddenSize, config.IntermediateSize, config.Activation, config.FeedForwardBias);
    }

    internal IDecoderAttention Attention { get; }

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step, ForwardTrace? trace)
    {
        Tensor mixed = Attention.Forward(_beforeAttention?.Forward(input) ?? input, step);
        Tensor middle = Ops.Add(input, _afterAttention?.Forward(mixed) ?? mixed);
        Tensor fed = _feedForward.Forward(_beforeFeedForward?.Forward(middle) ?? middle, _layer, trace);
        return Ops.Add(middle, _afterFeedForward?.Forward(fed) ?? fed);
    }
}
