using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A table with a row for each position.</summary>
internal sealed class LearnedPositions
{
    private readonly Tensor _table;
    private readonly Tensor _first;

    /// <summary>Takes <c>name.weight</c> [rows, hidden].</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="hidden">Channels.</param>
    /// <param name="first">The row of position 0.</param>
    internal LearnedPositions(WeightScope weights, string name, int rows, int hidden, int first = 0)
    {
        _table = weights[name].Take("weight", [rows, hidden]);
        _first = Tensor.From([first], [1]);
        Count = rows - first;
    }

    /// <summary>How many positions there are.</summary>
    internal int Count { get; }

    /// <summary>The rows of a batch's positions: [N, hidden].</summary>
    /// <exception cref="ArgumentException">A sequence is longer than the table.</exception>
    internal Tensor Forward(SequenceBatch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            int longest = batch.LongestPosition(i);
            if (longest >= Count)
            {
                throw new ArgumentException(
                    $"Sequence {i} has a token at position {longest}, expected at most {Count - 1}: the model has {Count} positions. " +
                    "Cut the text.", nameof(batch));
            }
        }

        return Ops.Embedding(Ops.Add(batch.Positions, _first), _table);
    }
}
