namespace Percept.Inference;

/// <summary>Why a row ended.</summary>
public enum FinishReason
{
    /// <summary>An end token, or a constraint after which nothing can follow.</summary>
    EndOfSequence,

    /// <summary>A stop string.</summary>
    StopString,

    /// <summary>The greatest length.</summary>
    Length,

    /// <summary>The time that was given.</summary>
    Time,
}
