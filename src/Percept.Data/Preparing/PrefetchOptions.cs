namespace Percept.Data;

/// <summary>How far ahead of compute samples are prepared.</summary>
public sealed record PrefetchOptions
{
    /// <summary>How many samples may be prepared at the same time.</summary>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many samples may wait or be in work, the bound on memory.</summary>
    public int Ahead { get; init; } = 16;
}
