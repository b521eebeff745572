namespace Percept.Data;

/// <summary>One dataset of a mix.</summary>
/// <param name="Name">What it is called in reports and errors.</param>
/// <param name="Dataset">The samples.</param>
/// <param name="Weight">
/// How often an epoch of the mix goes through it: 1 takes each sample once, 0.5 half of them, 3 each three times; or its share, where
/// <see cref="MixOptions.WeightsAreShares"/> says so.
/// </param>
public sealed record MixSource(string Name, IDataset Dataset, double Weight = 1)
{
    /// <summary>Takes only the first samples; all when null.</summary>
    public int? MaxSamples { get; init; }

    /// <summary>How many samples of it are in use.</summary>
    internal int Count => Math.Min(Dataset.Count, MaxSamples ?? int.MaxValue);
}
