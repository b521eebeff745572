namespace Percept.Training;

/// <summary>
/// Which samples of each global batch a rank takes: every <see cref="Size"/>-th, from its own number on. All ranks go through the same
/// order of batches, so that N ranks see together what one process with the whole batch sees.
/// </summary>
/// <param name="Rank">The number of the rank, from 0.</param>
/// <param name="Size">How many ranks there are.</param>
/// <remarks>Batches are often sorted by length; taking every N-th sample gives all ranks about as many tokens.</remarks>
public readonly record struct ShardedOrder(int Rank, int Size)
{
    /// <summary>The shares of a communicator's ranks.</summary>
    /// <param name="communicator">The ranks.</param>
    public static ShardedOrder Of(ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        return new ShardedOrder(communicator.Rank, communicator.Size);
    }

    /// <summary>How many samples of a batch this rank takes; 0 where a last batch is smaller than the number of ranks.</summary>
    /// <param name="batch">How many samples the batch of all ranks together has.</param>
    public int Count(int batch)
    {
        Check();
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        return (batch - Rank + Size - 1) / Size;
    }

    /// <summary>The samples that this rank takes.</summary>
    /// <typeparam name="T">What stands for a sample, such as its number.</typeparam>
    /// <param name="batch">The samples of all ranks together, the same list in every rank.</param>
    /// <exception cref="ArgumentException">The numbers of this value make no share.</exception>
    public T[] Share<T>(IReadOnlyList<T> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var share = new T[Count(batch.Count)];
        for (int i = 0; i < share.Length; i++)
        {
            share[i] = batch[Rank + (i * Size)];
        }

        return share;
    }

    private void Check()
    {
        if (Size < 1 || (uint)Rank >= (uint)Size)
        {
            throw new ArgumentException($"There is no rank {Rank} of {Size}; ranks go from 0 to one less than there are.");
        }
    }
}
