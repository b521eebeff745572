namespace Percept.Data;

/// <summary>In which order a mix gives its samples, and how many.</summary>
public sealed record MixOptions
{
    /// <summary>What the order follows from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether each dataset is given in a random order, another in each pass; else in its own.</summary>
    public bool Shuffles { get; init; } = true;

    /// <summary>How many epochs are given; without end when null.</summary>
    public double? Epochs { get; init; } = 1;

    /// <summary>The most samples that are given in all; no limit when null.</summary>
    public long? MaxSamples { get; init; }

    /// <summary>
    /// Whether weights say which share of all samples each dataset gives, rather than how often it is gone through. An epoch then has as
    /// many samples as all datasets together.
    /// </summary>
    public bool WeightsAreShares { get; init; }
}
