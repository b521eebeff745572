using Percept.Tensors;

namespace Percept.Models;

/// <summary>Attention over a packed batch: within each sequence, with its cache, or over its memory of an encoder.</summary>
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
        float? softCap = null) => Run(
            query, key, value, batch, layer,
            new AttentionOptions { Scale = scale, Window = window, SoftCap = softCap, Causal = true });

    /// <summary>As the other, also without causality and with a term of the scores.</summary>
    /// <param name="query">Float32 [N, H, D].</param>
    /// <param name="key">Float32 [N, Hkv, D].</param>
    /// <param name="value">Float32 [N, Hkv, Dv].</param>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="layer">The layer, in the caches.</param>
    /// <param name="options">Scale, causality, window, cap. Where not causal, queries see all keys of their sequence.</param>
    /// <param name="bias">What is added to the scores.</param>
    /// <returns>Float32 [N, H·Dv].</returns>
    /// <exception cref="InvalidOperationException">Gradients are recorded and a sequence has a cache.</exception>
    public static Tensor Run(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int layer, AttentionOptions options, PackedBias bias = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        options = options with { AlignEnd = options.Causal, TimeFirst = true };
        int rows = query.Shape[0], heads = query.Shape[1], width = value.Shape[2];
        if (batch.IsBlock)
        {
            // All sequences at once.
            Tensor block = Ops.Attention(
                Block(query, batch), Block(key, batch), Block(value, batch), options, new AttentionInputs { Bias = Some(bias.Values) });
            return Ops.Reshape(block, [rows, heads * width]);
        }

        if (batch.Count == 1)
        {
            return Ops.Reshape(One(query, key, value, batch, 0, layer, options, bias.Values), [rows, heads * width]);
        }

        if (options is { Causal: true, Prefix: 0 } && bias.Values.IsNone && batch.AllCached && !query.RequiresGrad)
        {
            return Ops.Reshape(OverCaches(query, key, value, batch, layer, options), [rows, heads * width]);
        }

        if (bias.Values.IsNone && batch.StandsAlone)
        {
            (int[] counts, Tensor[] masks) = batch.Sequences();
            Tensor packed = Ops.AttentionPacked(
                query, key, value, counts.AsSpan(0, batch.Count), masks.AsSpan(0, batch.Count), options);
            return Ops.Reshape(packed, [rows, heads * width]);
        }

        var parts = new PackedParts(query, batch.Count, width);
        int used = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            int start = batch.StartOf(i), count = batch.RowsOf(i);
            Tensor own = default;
            if (!bias.Values.IsNone)
            {
                int size = heads * count * ((batch.CacheOf(i)?.Length ?? 0) + count);
                own = PackedParts.Of(bias.Values, used, size);
                used += size;
            }

            parts.Add(start, One(
                PackedParts.Of(query, start, count), PackedParts.Of(key, start, count), PackedParts.Of(value, start, count),
                batch, i, layer, options, own));
        }

        return parts.Join();
    }

    /// <summary>Lets each sequence's queries see all of its memory of an encoder's states.</summary>
    /// <param name="query">Float32 [N, H, D].</param>
    /// <param name="batch">Which rows belong to which sequence, each with its memory.</param>
    /// <param name="layer">The layer, in the memories.</param>
    /// <param name="scale">Factor of scores; null for 1/√D.</param>
    /// <returns>Float32 [N, H·Dv].</returns>
    /// <exception cref="InvalidOperationException">A sequence has no memory.</exception>
    public static Tensor OverMemory(Tensor query, SequenceBatch batch, int layer, float? scale = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var options = new AttentionOptions { Scale = scale, TimeFirst = true };
        var parts = new PackedParts(query, batch.Count, batch.NeedMemory(0).ValueSize(layer));
        for (int i = 0; i < batch.Count;)
        {
            // Beams of one prompt share its memory: their queries go together.
            CrossMemory memory = batch.NeedMemory(i);
            int start = batch.StartOf(i), count = 0;
            for (; i < batch.Count && ReferenceEquals(batch.MemoryOf(i), memory); i++)
            {
                count += batch.RowsOf(i);
            }

            Tensor own = PackedParts.Of(query, start, count);
            parts.Add(start, Ops.Attention(
                Ops.Reshape(own, own.Shape.Insert(0, 1)), memory.Keys(layer), memory.Values(layer), options));
        }

        return parts.Join();
    }

    /// <summary>All sequences in one pass over their caches: [N, H, Dv].</summary>
    private static Tensor OverCaches(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int layer, in AttentionOptions options)
    {
        // Stored as the caches store them, once for all rows.
        DType type = batch.CacheOf(0)!.ElementType;
        Tensor storedKeys = Ops.Cast(Ops.Reshape(key, [key.Shape[0], key.Shape[1] * key.Shape[2]]), type);
        Tensor storedValues = Ops.Cast(Ops.Reshape(value, [value.Shape[0], value.Shape[1] * value.Shape[2]]), type);
        (Tensor[] keys, Tensor[] values, int[] counts) = batch.Room();
        for (int i = 0; i < batch.Count; i++)
        {
            int start = batch.StartOf(i), count = batch.RowsOf(i);
            KvCache cache = batch.CacheOf(i)!;
            cache.Append(layer, storedKeys.Rows(start, count), storedValues.Rows(start, count), count);
            keys[i] = cache.Keys(layer, cache.Length + count);
            values[i] = cache.Values(layer, cache.Length + count);
            counts[i] = count;
        }

        return Ops.AttentionSequences(
            query, counts.AsSpan(0, batch.Count), keys.AsSpan(0, batch.Count), values.AsSpan(0, batch.Count), options.Scale,
            options.Window, options.SoftCap);
    }

    private static Tensor Block(Tensor rows, SequenceBatch batch) =>
        Ops.Reshape(rows, [batch.Count, batch.RowsOf(0), rows.Shape[1], rows.Shape[2]]);

    private static Tensor? Some(Tensor tensor) => tensor.IsNone ? null : tensor;

    private static Tensor One(
        Tensor query, Tensor key, Tensor value, SequenceBatch batch, int sequence, int layer, AttentionOptions options, Tensor bias)
    {
        int count = query.Shape[0];
        Tensor keys, values;
        if (batch.CacheOf(sequence) is { } cache)
        {
            if (key.RequiresGrad || value.RequiresGrad)
            {
                throw new InvalidOperationException(
                    "Gradients are recorded, and a cache keeps none. Run the sequence without a cache, or turn gradients off.");
            }

            cache.Append(layer, key, value, count);
            keys = cache.Keys(layer, cache.Length + count);
            values = cache.Values(layer, cache.Length + count);
        }
        else
        {
            if (batch.Prefix is { } prefix)
            {
                key = Ops.Concat([prefix.Keys(layer, key.Shape[1], key.Shape[2]), key], 0);
                value = Ops.Concat([prefix.Values(layer, value.Shape[1], value.Shape[2]), value], 0);
            }

            keys = Ops.Reshape(key, key.Shape.Insert(0, 1));
            values = Ops.Reshape(value, value.Shape.Insert(0, 1));
        }

        Tensor queries = Ops.Reshape(query, query.Shape.Insert(0, 1));
        Tensor? added = bias.IsNone ? null : Ops.Reshape(bias, [1, query.Shape[1], count, keys.Shape[1]]);
        if (batch.MaskOf(sequence) is not { } mask)
        {
            return Ops.Attention(queries, keys, values, options, new AttentionInputs { Bias = added });
        }

        bool adds = mask.DType == DType.F32;
        return Ops.Attention(queries, keys, values, options with { Causal = false, AlignEnd = false }, new AttentionInputs
        {
            Mask = adds ? null : mask,
            Bias = !adds ? added : added is { } own ? Ops.Add(own, mask) : mask,
        });
    }
}
