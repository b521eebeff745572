using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// SigLIP's head: one learned query looks at all tokens; then x + mlp(norm(x)). Reference: transformers'
/// <c>SiglipMultiheadAttentionPoolingHead</c>.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class SiglipPoolingHead
{
    private readonly int _heads;
    private readonly Tensor _probe;
    private readonly Linear _inProjection;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _outProjection;
    private readonly Norm _layerNorm;
    private readonly VisionMlp _mlp;

    /// <summary>Takes <c>probe</c>, <c>attention.…</c>, <c>layernorm</c> and <c>mlp.…</c>.</summary>
    internal SiglipPoolingHead(VisionSizes sizes, WeightScope weights)
    {
        int hidden = sizes.HiddenSize;
        WeightScope attention = weights["attention"];
        _heads = sizes.Heads;
        _probe = weights.Float("probe", [1, 1, hidden]);
        _inProjection = new Linear(
            attention.Take("in_proj_weight", [3 * hidden, hidden]), attention.Float("in_proj_bias", [3 * hidden]),
            weights.Options.Precision);
        _query = _inProjection.Rows(0, hidden);
        _key = _inProjection.Rows(hidden, hidden);
        _value = _inProjection.Rows(2 * hidden, hidden);
        _outProjection = attention.Linear("out_proj", hidden, hidden);
        _layerNorm = weights.LayerNorm("layernorm", hidden, sizes.NormEps);
        _mlp = new VisionMlp(sizes.Block(VisionBlockNames.Clip), weights);
    }

    /// <summary>[B, T, D] → [B, D].</summary>
    /// <param name="tokens">The tokens, after the final norm.</param>
    /// <param name="mask">Bool [B, 1, 1, T]: 0 where a token is padding; null for none.</param>
    internal Tensor Forward(Tensor tokens, Tensor? mask = null)
    {
        int batch = tokens.Shape[0], count = tokens.Shape[1], hidden = tokens.Shape[2], size = hidden / _heads;
        Tensor query = Ops.Expand(Part(_query, 0, hidden).Forward(_probe), batch, -1, -1);
        Tensor key = Part(_key, hidden, hidden).Forward(tokens);
        Tensor value = Part(_value, 2 * hidden, hidden).Forward(tokens);
        Tensor mixed = Ops.Attention(
            Ops.Reshape(query, [batch, 1, _heads, size]), Ops.Reshape(key, [batch, count, _heads, size]),
            Ops.Reshape(value, [batch, count, _heads, size]), new AttentionOptions { TimeFirst = true },
            new AttentionInputs { Mask = mask });
        Tensor pooled = _outProjection.Forward(Ops.Reshape(mixed, [batch, hidden]));
        return Ops.Add(pooled, _mlp.Forward(_layerNorm.Forward(pooled)));
    }

    /// <summary>A third of the projection: a view, or where gradients are recorded a slice that the tape knows.</summary>
    private Linear Part(Linear view, int start, int count) => Gradients.Enabled
        ? new Linear(
            Ops.Narrow(_inProjection.Weight, 0, start, count), Ops.Narrow(_inProjection.Bias!.Value, 0, start, count),
            _inProjection.Precision)
        : view;
}
