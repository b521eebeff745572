namespace Percept.Data;

/// <summary>How batches of about equal length are cut.</summary>
public sealed record LengthBatchOptions
{
    /// <summary>The most samples of a batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// The most tokens of a batch, counted as all its rows together; no limit when null. A sample that is longer by itself makes a batch
    /// of its own.
    /// </summary>
    public int? TokenBudget { get; init; }

    /// <summary>About how many samples are looked at together and sorted by length, in whole batches and up to the epoch's end; 1 keeps the mix's order.</summary>
    public int Window { get; init; } = 512;

    /// <summary>What the order of batches within a window follows from.</summary>
    public ulong Seed { get; init; }
}
