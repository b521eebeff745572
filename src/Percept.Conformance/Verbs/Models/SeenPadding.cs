using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Batches in which padding is run too, for answers that the reference takes from there.</summary>
internal static class SeenPadding
{
    /// <summary>
    /// All places as a batch. Hidden keys get the lowest number added to their scores, so that a place which sees nothing, as
    /// padding on the left, sees everything alike, as in the reference.
    /// </summary>
    /// <param name="axes">How many axes positions have.</param>
    /// <param name="rows">The places that hold tokens.</param>
    /// <param name="samples">How many rows the batch has.</param>
    /// <param name="length">How long they are.</param>
    /// <param name="positions">The position of each place, along one axis; null to count from the beginning of each row.</param>
    internal static SequenceBatch Batch(int axes, PaddedRows rows, int samples, int length, int[]? positions = null)
    {
        var batch = new SequenceBatch(axes);
        var shown = new HashSet<int>(rows.Places);
        for (int row = 0; row < samples; row++)
        {
            if (positions is null)
            {
                batch.Add(length);
            }
            else
            {
                batch.Add((int[])[.. Enumerable.Repeat(positions[(row * length)..((row + 1) * length)], axes).SelectMany(same => same)]);
            }

            Tensor added = Ops.Empty([1, 1, length, length]);
            Span<float> scores = added.Writable<float>();
            for (int i = 0; i < scores.Length; i++)
            {
                int query = i / length, key = i % length;
                scores[i] = key <= query && shown.Contains((row * length) + key) ? 0 : float.MinValue;
            }

            batch.SetMask(row, added);
        }

        return batch;
    }
}
