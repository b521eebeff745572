using Percept.Tensors;

namespace Percept.Models;

/// <summary>A batch of whole sequences, each behind the rows of a learned prompt.</summary>
/// <param name="Embeddings">Float32 [rows, hidden]: the sequences' own, and those of a prompt before each of them.</param>
/// <param name="Batch">Where they stand.</param>
/// <param name="Places">For each row of the sequences its row here.</param>
public sealed record SoftPromptRows(Tensor Embeddings, SequenceBatch Batch, IReadOnlyList<int> Places)
{
    /// <summary>Puts a learned prompt or prefix before every sequence of a batch; gradients reach its rows.</summary>
    /// <param name="prompt">What was, or is, learned.</param>
    /// <param name="embeddings">Float32 [rows, hidden] of the sequences.</param>
    /// <param name="batch">Sequences from their first token on, none of which has a cache, a mask or a memory; it stays as it is.</param>
    /// <exception cref="ArgumentException">A sequence has a cache, a mask or a memory.</exception>
    public static SoftPromptRows Behind(SoftPrompt prompt, Tensor embeddings, SequenceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(batch);
        int before = prompt.Tokens, put = prompt.IsPrefix ? 0 : before, next = 0;
        var moved = new SequenceBatch(batch.Axes);
        var parts = new List<Tensor>();
        var places = new int[batch.Rows];
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch.CacheOf(i) is not null || batch.MaskOf(i) is not null || batch.MemoryOf(i) is not null)
            {
                throw new ArgumentException(
                    $"Sequence {i} has a cache, a mask or a memory, and learned rows are put before whole sequences alone.", nameof(batch));
            }

            int rows = batch.RowsOf(i), start = batch.StartOf(i);
            moved.Add(Positions(batch, i, put, before));
            moved.SetWholeLength(i, batch.WholeLengthOf(i) is > 0 and var length ? length + before : 0);
            if (put > 0)
            {
                parts.Add(prompt.Parameter.Value);
                parts.Add(Ops.Narrow(embeddings, 0, start, rows));
            }

            for (int row = 0; row < rows; row++)
            {
                places[start + row] = next + put + row;
            }

            next += put + rows;
        }

        if (prompt.IsPrefix)
        {
            moved.SetPrefix(prompt);
        }

        return new SoftPromptRows(put > 0 ? Ops.Concat([.. parts], 0) : embeddings, moved, places);
    }

    /// <summary>For each axis 0 to put − 1, then a sequence's own positions behind all learned rows.</summary>
    private static int[] Positions(SequenceBatch batch, int sequence, int put, int before)
    {
        int rows = batch.RowsOf(sequence);
        var positions = new int[batch.Axes * (put + rows)];
        for (int axis = 0; axis < batch.Axes; axis++)
        {
            Span<int> to = positions.AsSpan(axis * (put + rows), put + rows);
            for (int i = 0; i < put; i++)
            {
                to[i] = i;
            }

            ReadOnlySpan<int> own = batch.PositionsAlong(sequence, axis);
            for (int i = 0; i < rows; i++)
            {
                to[put + i] = own[i] + before;
            }
        }

        return positions;
    }
}
