using Percept.Tensors;

namespace Percept.Models;

/// <summary>Attention over an encoder's states, whose keys and values are computed once.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
internal sealed class CrossAttention(AttentionParts parts, int layer)
{
    /// <summary>Channels of the encoder's states.</summary>
    internal int MemorySize => parts.Key.Weight.Shape[1];

    /// <summary>The keys and values of states [M, size]: [1, M, heads, D] each.</summary>
    internal (Tensor Keys, Tensor Values) Remember(Tensor states)
    {
        Tensor keys = parts.Headed(parts.Key, states), values = parts.Headed(parts.Value, states);
        return (Ops.Reshape(keys, keys.Shape.Insert(0, 1)), Ops.Reshape(values, values.Shape.Insert(0, 1)));
    }

    /// <summary>[N, hidden] → [N, hidden].</summary>
    internal Tensor Forward(Tensor input, SequenceBatch batch) =>
        parts.Output.Forward(PackedAttention.OverMemory(parts.Headed(parts.Query, input), batch, layer, parts.Scale));
}
