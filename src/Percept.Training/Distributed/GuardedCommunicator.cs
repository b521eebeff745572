using System.Text;

namespace Percept.Training;

/// <summary>
/// Ranks that tell each other of errors: one that fails says so in place of its next <see cref="AllGather"/>, and there all others throw
/// a <see cref="RankFailedException"/> with the same words, instead of waiting for it for ever.
/// </summary>
/// <remarks>
/// Sums and broadcasts carry no such word. They stand in <see cref="Whole"/>, between two rounds of <see cref="AllGather"/>; a rank
/// that fails there ends its process, and the launcher ends the others. For one thread.
/// </remarks>
public sealed class GuardedCommunicator : ICommunicator
{
    private const byte Fine = 0;
    private const byte Failed = 1;

    private readonly ICommunicator _ranks;
    private bool _apart;

    private GuardedCommunicator(ICommunicator ranks) => _ranks = ranks;

    /// <inheritdoc/>
    public int Rank => _ranks.Rank;

    /// <inheritdoc/>
    public int Size => _ranks.Size;

    /// <summary>Whether this is rank 0, which alone writes files and prints.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Guards ranks; those that are guarded already stay as they are.</summary>
    /// <param name="ranks">The ranks; null for this process alone.</param>
    public static GuardedCommunicator Of(ICommunicator? ranks) =>
        ranks as GuardedCommunicator ?? new GuardedCommunicator(ranks ?? SingleProcess.Instance);

    /// <inheritdoc/>
    /// <exception cref="RankFailedException">A rank has failed.</exception>
    public byte[][] AllGather(ReadOnlySpan<byte> bytes)
    {
        if (Size == 1)
        {
            return _ranks.AllGather(bytes);
        }

        byte[][] said = Say(Fine, bytes);
        return FailureIn(said, null) is { } failure ? throw failure : [.. said.Select(message => message[1..])];
    }

    /// <inheritdoc/>
    public void AllReduceSum(Span<float> values)
    {
        bool before = Enter();
        _ranks.AllReduceSum(values);
        _apart = before;
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int root = 0)
    {
        bool before = Enter();
        _ranks.Broadcast(bytes, root);
        _apart = before;
    }

    /// <inheritdoc/>
    /// <exception cref="RankFailedException">A rank has failed.</exception>
    public void Barrier() => AllGather([]);

    /// <inheritdoc/>
    public void Complete() => _ranks.Complete();

    /// <summary>Does work of all ranks; what one of them throws is thrown by all.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="work">The work, with the same exchanges in every rank.</param>
    /// <exception cref="RankFailedException">A rank has failed. A process by itself throws the error as it is.</exception>
    public T Together<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return work();
        }
        catch (Exception error) when (Size > 1 && error is not RankFailedException)
        {
            throw Fail(error);
        }
    }

    /// <summary>Does what rank 0 alone does, such as writing files; the others wait for it.</summary>
    /// <param name="work">The work, without exchanges.</param>
    /// <exception cref="RankFailedException">A rank has failed.</exception>
    public void First(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsFirst)
        {
            work();
        }

        if (Size > 1)
        {
            Barrier();
        }
    }

    /// <summary>Gives all ranks a text of rank 0, which the others wait for.</summary>
    /// <param name="text">Makes the text; called in rank 0 alone.</param>
    /// <exception cref="RankFailedException">A rank has failed.</exception>
    public string OfFirst(Func<string> text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Size == 1 ? text() : Encoding.UTF8.GetString(AllGather(IsFirst ? Encoding.UTF8.GetBytes(text()) : [])[0]);
    }

    /// <summary>Does an exchange of several calls, in the midst of which no rank can tell the others that it fails.</summary>
    /// <param name="exchange">The exchange.</param>
    internal void Whole(Action exchange)
    {
        bool before = Enter();
        exchange();
        _apart = before;
    }

    /// <summary>Tells all ranks of an error of this one; each takes part with its own, or hears of it in its next exchange.</summary>
    /// <returns>What to throw.</returns>
    internal RankFailedException Fail(Exception error)
    {
        if (error is RankFailedException told)
        {
            return told;
        }

        if (_apart)
        {
            return new RankFailedException(Prefix(Rank) + error.Message, Rank, isOwn: true, isShared: false, error);
        }

        try
        {
            return FailureIn(Say(Failed, Encoding.UTF8.GetBytes(error.Message)), error)!;
        }
        catch (Exception broken) when (broken is IOException or InvalidOperationException)
        {
            return new RankFailedException(Prefix(Rank) + error.Message, Rank, isOwn: true, isShared: false, error);
        }
    }

    private bool Enter()
    {
        bool before = _apart;
        _apart = true;
        return before;
    }

    private byte[][] Say(byte state, ReadOnlySpan<byte> bytes)
    {
        byte[] message = new byte[bytes.Length + 1];
        message[0] = state;
        bytes.CopyTo(message.AsSpan(1));
        bool before = Enter();
        byte[][] said = _ranks.AllGather(message);
        _apart = before;
        return said;
    }

    /// <summary>The error of the first rank that has failed; where all say the same, it belongs to none of them.</summary>
    private RankFailedException? FailureIn(byte[][] said, Exception? own)
    {
        int first = Array.FindIndex(said, message => message[0] == Failed);
        if (first < 0)
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(said[first].AsSpan(1));
        bool ofAll = said.All(message => message.AsSpan().SequenceEqual(said[first]));
        return new RankFailedException(ofAll ? text : Prefix(first) + text, first, first == Rank, isShared: true, first == Rank ? own : null);
    }

    private string Prefix(int rank) => FormattableString.Invariant($"rank {rank} of {Size}: ");
}
