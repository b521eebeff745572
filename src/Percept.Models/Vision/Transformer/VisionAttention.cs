using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Self-attention over all tokens of a picture (or of a text), heads being slices of the channels.</summary>
internal sealed class VisionAttention
{
    private readonly int _heads;
    private readonly int _headSize;
    private readonly LinearGroup _projections;
    private readonly Linear _output;
    private readonly LinearPrecision _precision;

    internal VisionAttention(VisionBlockOptions options, WeightScope weights)
    {
        int hidden = options.HiddenSize;
        VisionBlockNames names = options.Names;
        _heads = options.Heads;
        _headSize = hidden / options.Heads;
        _projections = options.Fused || weights[names.Fused].Has("weight")
            ? LinearGroup.Fused(
                weights.Linear(names.Fused, 3 * hidden, hidden, options.Fused ? options.QueryBias : weights[names.Fused].Has("bias")),
                hidden, hidden, hidden)
            : LinearGroup.Apart(
                weights.Linear(names.Query, hidden, hidden, options.QueryBias),
                weights.Linear(names.Key, hidden, hidden, options.KeyBias),
                weights.Linear(names.Value, hidden, hidden, options.ValueBias));
        _output = weights.Linear(names.Output, hidden, hidden, options.OutputBias);

        // Where the layers around it round what they multiply to bfloat16, so may attention.
        _precision = _output.Weight.DType == DType.BF16 ? _output.Precision : LinearPrecision.Exact;
    }

    /// <summary>[B, T, D] → [B, T, D].</summary>
    internal Tensor Forward(Tensor input, in VisionStep step)
    {
        int batch = input.Shape[0], tokens = input.Shape[1];
        Span<Tensor> parts = [default, default, default];
        _projections.Forward(input, parts);
        foreach (ref Tensor part in parts)
        {
            part = Ops.Reshape(part, [batch, tokens, _heads, _headSize]);
        }

        if (step.Cos is { } cos && step.Sin is { } sin)
        {
            parts[0] = Ops.Rope(parts[0], cos, sin, headsFirst: false);
            parts[1] = Ops.Rope(parts[1], cos, sin, headsFirst: false);
        }

        Tensor mixed = Ops.Attention(
            parts[0], parts[1], parts[2],
            new AttentionOptions { TimeFirst = true, Causal = step.Causal, Precision = _precision },
            new AttentionInputs { Mask = step.Mask, Bias = step.Bias });
        return _output.Forward(Ops.Reshape(mixed, input.Shape));
    }
}
