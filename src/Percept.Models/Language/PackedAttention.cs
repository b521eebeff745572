using Percept.Tensors;

namespace Percept.Models;

/// <summary>Causal attention over a packed batch, with the caches of its sequences.</summary>
public static class PackedAttention
{
    /// <summary>
    /// Stores keys and values, and lets each sequence's queries see its own past and present keys.
    /// </summary>
    /// <param name="query">Float32 [N, H, D].</param>
    /// <param name="key">Float32 [N, Hkv, D].</param>
    /// <param name="value">Float32 [N, Hkv, Dv].</param>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="layer">The layer, in the caches.</param>
    /// <param name="scale">Factor of scores; null for 1/√D.</param>
    /// <param name="window">How many tokens a query sees, itself counted; null for all.</param>
    /// <param name="softCap">Cap of scores; null for none.</param>
    /// <returns>Float32 [N, H·Dv].</returns>
    public static Tensor Run(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int layer, float? scale = null, int? window = null,
        float? softCap = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var options = new AttentionOptions
        {
            Scale = scale, Window = window, SoftCap = softCap, Causal = true, AlignEnd = true, TimeFirst = true,
        };
        int rows = query.Shape[0], heads = query.Shape[1], width = value.Shape[2];
        if (batch.IsBlock)
        {
            // Training and plain passes: all sequences at once, and the gradient flows.
            Tensor block = Ops.Attention(Block(query, batch), Block(key, batch), Block(value, batch), options);
            return Ops.Reshape(block, [rows, heads * width]);
        }

        if (batch.Count == 1)
        {
            return One(query, key, value, batch, 0, layer, options).View([rows, heads * width]);
        }

        return Several(query, key, value, batch, layer, options).View([rows, heads * width]);
    }

    private static Tensor Block(Tensor rows, SequenceBatch batch) =>
        Ops.Reshape(rows, [batch.Count, batch.RowsOf(0), rows.Shape[1], rows.Shape[2]]);

    private static Tensor Several(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int layer, in AttentionOptions options)
    {
        int heads = query.Shape[1], width = value.Shape[2];
        Tensor result = Ops.Empty([query.Shape[0], heads, width]);
        for (int i = 0; i < batch.Count; i++)
        {
            int start = batch.StartOf(i), count = batch.RowsOf(i);
            Tensor part = One(
                query.Rows(start, count), key.Rows(start, count), value.Rows(start, count), batch, i, layer, options);
            Ops.CopyTo(part, result.Rows(start, count));
        }

        return result;
    }

    private static Tensor One(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int sequence, int layer, AttentionOptions options)
    {
        int count = query.Shape[0];
        Tensor keys, values;
        if (batch.CacheOf(sequence) is { } cache)
        {
            cache.Append(layer, key, value, count);
            keys = cache.Keys(layer, cache.Length + count);
            values = cache.Values(layer, cache.Length + count);
        }
        else
        {
            keys = key.View([1, count, key.Shape[1], key.Shape[2]]);
            values = value.View([1, count, value.Shape[1], value.Shape[2]]);
        }

        Tensor queries = query.View([1, count, query.Shape[1], query.Shape[2]]);
        return batch.MaskOf(sequence) is { } mask
            ? Ops.Attention(
                queries, keys, values, options with { Causal = false, AlignEnd = false }, new AttentionInputs { Mask = mask })
            : Ops.Attention(queries, keys, values, options);
    }
}
