namespace Percept.Training;

/// <summary>A rank has failed, and with it the work of all: every rank throws it.</summary>
public sealed class RankFailedException : Exception
{
    internal RankFailedException(string message, int rank, bool isOwn, bool isShared, Exception? error)
        : base(message, error)
    {
        Rank = rank;
        IsOwn = isOwn;
        IsShared = isShared;
    }

    /// <summary>The rank that has failed, the first where several have.</summary>
    public int Rank { get; }

    /// <summary>Whether it is this one, which then tells the user; the error itself is the inner exception.</summary>
    public bool IsOwn { get; }

    /// <summary>
    /// Whether all ranks know of it, and may end together with <see cref="ICommunicator.Complete"/>. Else this process must end without
    /// it, so that the launcher ends the others.
    /// </summary>
    public bool IsShared { get; }
}
