namespace Percept.Data;

/// <summary>What a validation looks at.</summary>
public sealed record ValidationOptions
{
    /// <summary>How closely media are looked at.</summary>
    public MediaCheck Media { get; init; } = MediaCheck.Decode;

    /// <summary>Whether every conversation must have an answer; questions alone are enough where a model writes the answers itself.</summary>
    public bool NeedsAnswers { get; init; } = true;

    /// <summary>
    /// Counts the tokens of a sample, media included; called by several threads. Null where lengths are not looked at. What it throws of
    /// a sample that has no other problem is told as one.
    /// </summary>
    public Func<DatasetSample, int>? CountTokens { get; init; }

    /// <summary>The most tokens that a sample may have; needs <see cref="CountTokens"/>.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Looks at the first samples only; at all when null.</summary>
    public int? MaxSamples { get; init; }

    /// <summary>Threads, and how many samples wait.</summary>
    public PrefetchOptions Work { get; init; } = new() { Threads = Environment.ProcessorCount, Ahead = 64 };
}
