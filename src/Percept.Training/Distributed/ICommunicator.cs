namespace Percept.Training;

/// <summary>
/// Several processes (ranks) that train one model together, each on its share of the samples. Every call is collective: all ranks
/// make the same calls in the same order, with the same lengths where it says so.
/// </summary>
/// <remarks>
/// What a call gives is bitwise the same in all ranks and in every repetition: sums go in a fixed order. For one thread at a time.
/// A rank that fails must not go on calling; when its process ends without <see cref="Complete"/>, the launcher ends the others.
/// </remarks>
public interface ICommunicator
{
    /// <summary>The number of this process, from 0. Rank 0 writes files and prints.</summary>
    int Rank { get; }

    /// <summary>How many processes there are.</summary>
    int Size { get; }

    /// <summary>Replaces each number by the sum over all ranks, taken in a fixed tree.</summary>
    /// <param name="values">As many in every rank.</param>
    void AllReduceSum(Span<float> values);

    /// <summary>Replaces the bytes by those of one rank.</summary>
    /// <param name="bytes">As many in every rank.</param>
    /// <param name="root">The rank whose bytes all get.</param>
    void Broadcast(Span<byte> bytes, int root = 0);

    /// <summary>Tells every rank what each says.</summary>
    /// <param name="bytes">What this rank says; small, of any length.</param>
    /// <returns>What the ranks say, in their order.</returns>
    byte[][] AllGather(ReadOnlySpan<byte> bytes);

    /// <summary>Waits until all ranks are here.</summary>
    void Barrier();

    /// <summary>Ends the work together, once it is done in all ranks; nothing may be called afterwards.</summary>
    void Complete();
}
