using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The places of a padded batch [B, T] that hold tokens, and the packed batch that they form.</summary>
internal sealed class PaddedRows
{
    private readonly int _batch;
    private readonly int _length;
    private readonly int[] _counts;

    private PaddedRows(int batch, int length, int[] places, int[] counts)
    {
        _batch = batch;
        _length = length;
        _counts = counts;
        Places = places;
    }

    /// <summary>For each packed row its place in the B·T places.</summary>
    internal IReadOnlyList<int> Places { get; }

    /// <summary>How many tokens each sequence has.</summary>
    internal IReadOnlyList<int> Counts => _counts;

    /// <summary>Whether a place without a token stands between two with one.</summary>
    internal bool HasHoles =>
        Places.Zip(Places.Skip(1)).Any(pair => pair.First / _length == pair.Second / _length && pair.Second > pair.First + 1);

    /// <summary>How many places stand in front of each sequence's first token; all of them where it has none.</summary>
    internal int[] Leading()
    {
        int[] leading = [.. Enumerable.Repeat(_length, _batch)];
        foreach (int place in Places)
        {
            leading[place / _length] = Math.Min(leading[place / _length], place % _length);
        }

        return leading;
    }

    /// <summary>Whether the last place of every sequence has a token.</summary>
    internal bool EndFilled => Enumerable.Range(1, _batch).All(row => Places.Contains((row * _length) - 1));

    /// <summary>The places where a mask is not 0; all of them without a mask.</summary>
    internal static PaddedRows Of(int batch, int length, Tensor? mask)
    {
        long[]? kept = mask is { } given ? Numbers.ReadIntegers(Ops.Cast(given, DType.I64)) : null;
        int[] places = [.. Enumerable.Range(0, batch * length).Where(place => kept is null || kept[place] != 0)];
        var counts = new int[batch];
        foreach (int place in places)
        {
            counts[place / length]++;
        }

        return new PaddedRows(batch, length, places, counts);
    }

    /// <summary>The tokens at the places.</summary>
    internal Tensor Pack(Tensor padded)
    {
        Shape flat = padded.Shape.Without(0).With(0, _batch * _length);
        return Ops.IndexSelect(padded.View(flat), Tensor.From(Places.ToArray(), [Places.Count]), 0);
    }

    /// <summary>The position of each packed row: as given, or counted from the beginning of the padded row.</summary>
    /// <param name="given">[B, T], or [1, T] for all; null for none.</param>
    /// <param name="tokens">Whether tokens are counted rather than places.</param>
    internal int[] Positions(Tensor? given, bool tokens = false)
    {
        if (given is not { } positions)
        {
            return tokens
                ? [.. _counts.SelectMany(count => Enumerable.Range(0, count))]
                : [.. Places.Select(place => place % _length)];
        }

        long[] all = Numbers.ReadIntegers(positions);
        bool shared = positions.Shape[0] == 1 && _batch > 1;
        return [.. Places.Select(place => (int)all[shared ? place % _length : place])];
    }

    /// <summary>The tokens at some places of a packed tensor: the rows of one sequence.</summary>
    internal Tensor RowsOf(Tensor packed, int sequence) => packed.Rows(_counts[..sequence].Sum(), _counts[sequence]);

    /// <summary>The packed batch, without caches.</summary>
    internal SequenceBatch Batch(int[] positions, int axes)
    {
        var batch = new SequenceBatch(axes);
        int start = 0;
        foreach (int count in _counts)
        {
            int[] own = positions[start..(start + count)];
            batch.Add((int[])[.. Enumerable.Repeat(own, axes).SelectMany(same => same)]);
            start += count;
        }

        return batch;
    }
}
