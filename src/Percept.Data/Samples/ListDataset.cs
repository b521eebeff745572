namespace Percept.Data;

/// <summary>A dataset of samples that are in memory.</summary>
/// <param name="samples">The samples.</param>
public sealed class ListDataset(IReadOnlyList<DatasetSample> samples) : IDataset
{
    /// <inheritdoc/>
    public int Count => samples.Count;

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return samples[index];
        }
    }
}
