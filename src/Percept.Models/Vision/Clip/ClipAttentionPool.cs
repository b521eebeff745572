using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The head of <see cref="ClipResNet"/>: the mean of all places stands in front of them, each gets its position, and the mean
/// looks at all, itself too. Reference: <c>AttentionPool2d</c> in <c>clip/model.py</c> of openai/CLIP.
/// </summary>
/// <remarks>Dimensions: B pictures, N places, D channels, E of the space shared with texts. Safe for several threads.</remarks>
internal sealed class ClipAttentionPool
{
    private readonly int _heads;
    private readonly Tensor _positions;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    /// <summary>Takes <c>positional_embedding</c> [1 + N, D], <c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c> and <c>c_proj</c>.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="places">N.</param>
    /// <param name="channels">D.</param>
    /// <param name="heads">Slices of the channels.</param>
    /// <param name="shared">E.</param>
    internal ClipAttentionPool(WeightScope weights, int places, int channels, int heads, int shared)
    {
        _heads = heads;
        _positions = weights.Float("positional_embedding", [1 + places, channels]);
        _query = weights.Linear("q_proj", channels, channels);
        _key = weights.Linear("k_proj", channels, channels);
        _value = weights.Linear("v_proj", channels, channels);
        _output = weights.Linear("c_proj", shared, channels);
    }

    /// <summary>[B, N, D] → [B, E].</summary>
    internal Tensor Forward(Tensor places)
    {
        int batch = places.Shape[0], count = places.Shape[1] + 1, channels = places.Shape[2], size = channels / _heads;
        Tensor tokens = Ops.Add(Ops.Concat([Ops.Mean(places, 1, keepAxis: true), places], 1), _positions);
        Tensor query = _query.Forward(VisionPixels.Token(tokens, 0));
        Tensor mixed = Ops.Attention(
            Ops.Reshape(query, [batch, 1, _heads, size]),
            Ops.Reshape(_key.Forward(tokens), [batch, count, _heads, size]),
            Ops.Reshape(_value.Forward(tokens), [batch, count, _heads, size]),
            new AttentionOptions { TimeFirst = true });
        return _output.Forward(Ops.Reshape(mixed, [batch, channels]));
    }
}
