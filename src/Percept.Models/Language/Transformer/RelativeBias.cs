using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>T5's relative positions: each head adds a learned number to a score, chosen by how far the key is from the query.</summary>
internal sealed class RelativeBias
{
    private readonly Tensor _table;
    private readonly bool _bothWays;
    private readonly int _maximumDistance;

    /// <summary>Makes it of a table.</summary>
    /// <param name="table">[buckets, heads].</param>
    /// <param name="bothWays">Whether keys after a query have buckets of their own.</param>
    /// <param name="maximumDistance">From this distance on all share a bucket.</param>
    internal RelativeBias(Tensor table, bool bothWays, int maximumDistance)
    {
        _table = table;
        _bothWays = bothWays;
        _maximumDistance = maximumDistance;
    }

    /// <summary>The terms for a batch; past tokens stand at the positions just before the new ones.</summary>
    internal PackedBias For(SequenceBatch batch)
    {
        if (batch.IsBlock)
        {
            return new PackedBias(Kept(batch, 0, SamePositions(batch) ? 1 : batch.Count));
        }

        if (batch.Count == 1)
        {
            return new PackedBias(Flat(Kept(batch, 0, 1)));
        }

        return new PackedBias(Gradients.Enabled ? Joined(batch) : Copied(batch));
    }

    private static Tensor Flat(Tensor terms) => Ops.Reshape(terms, [checked((int)terms.Count)]);

    private static int Keys(SequenceBatch batch, int sequence) => (batch.CacheOf(sequence)?.Length ?? 0) + batch.RowsOf(sequence);

    private static bool SamePositions(SequenceBatch batch)
    {
        for (int i = 1; i < batch.Count; i++)
        {
            if (!batch.PositionsAlong(i).SequenceEqual(batch.PositionsAlong(0)))
            {
                return false;
            }
        }

        return true;
    }

    private static void Fill(SequenceBatch batch, int sequence, Span<int> relative)
    {
        ReadOnlySpan<int> positions = batch.PositionsAlong(sequence);
        int past = batch.CacheOf(sequence)?.Length ?? 0, at = 0;
        foreach (int query in positions)
        {
            for (int key = 0; key < past; key++)
            {
                relative[at++] = positions[0] - past + key - query;
            }

            foreach (int key in positions)
            {
                relative[at++] = key - query;
            }
        }
    }

    private Tensor Joined(SequenceBatch batch)
    {
        var parts = new Tensor[batch.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Flat(Terms(batch, i, 1));
        }

        return Ops.Concat(parts, 0);
    }

    private Tensor Copied(SequenceBatch batch)
    {
        int heads = _table.Shape[1], size = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            size = checked(size + (heads * batch.RowsOf(i) * Keys(batch, i)));
        }

        Tensor all = Ops.Empty([size]);
        int used = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor terms = Terms(batch, i, 1);
            Ops.CopyTo(terms, all.Rows(used, (int)terms.Count));
            used += (int)terms.Count;
        }

        return all;
    }

    /// <summary>As <see cref="Terms"/>, with the memory of what is between given back.</summary>
    private Tensor Kept(SequenceBatch batch, int first, int count)
    {
        if (Gradients.Enabled)
        {
            return Terms(batch, first, count);
        }

        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Terms(batch, first, count));
    }

    /// <summary>Of sequences of one length: [count, heads, rows, keys].</summary>
    private Tensor Terms(SequenceBatch batch, int first, int count)
    {
        int rows = batch.RowsOf(first), keys = Keys(batch, first);
        Tensor relative = Ops.Empty([count, rows, keys], DType.I32);
        Span<int> numbers = relative.Writable<int>();
        for (int i = 0; i < count; i++)
        {
            Fill(batch, first + i, numbers.Slice(i * rows * keys, rows * keys));
        }

        Tensor buckets = Ops.RelativeBuckets(relative, _bothWays, _table.Shape[0], _maximumDistance);
        return Ops.Permute(Ops.Embedding(buckets, _table), 0, 3, 1, 2);
    }
}
