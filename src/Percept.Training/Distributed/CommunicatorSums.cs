using System.Runtime.InteropServices;

namespace Percept.Training;

/// <summary>Sums of a few numbers over ranks: losses, numbers of tokens and samples.</summary>
public static class CommunicatorSums
{
    /// <summary>Replaces each number by the sum over the ranks, in their order.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="values">As many in every rank.</param>
    /// <exception cref="InvalidOperationException">Another rank sums another count of numbers.</exception>
    public static void Sum(this ICommunicator ranks, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (ranks.Size == 1)
        {
            return;
        }

        byte[][] all = ranks.AllGather(MemoryMarshal.AsBytes(values));
        values.Clear();
        foreach (byte[] bytes in all)
        {
            ReadOnlySpan<double> given = MemoryMarshal.Cast<byte, double>(bytes);
            if (given.Length != values.Length)
            {
                throw new InvalidOperationException(
                    $"Rank {ranks.Rank} sums {values.Length} numbers, another one {given.Length}: the ranks are not at the same step.");
            }

            for (int i = 0; i < given.Length; i++)
            {
                values[i] += given[i];
            }
        }
    }

    /// <summary>The sum of a number over the ranks, in their order.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="value">This rank's number.</param>
    public static double Sum(this ICommunicator ranks, double value)
    {
        Sum(ranks, new Span<double>(ref value));
        return value;
    }
}
