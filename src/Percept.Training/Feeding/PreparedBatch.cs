namespace Percept.Training;

/// <summary>A micro-batch that is ready.</summary>
internal sealed class PreparedBatch(IReadOnlyList<TrainingItem> items, int skipped, FeedPosition after, double epoch) : IDisposable
{
    /// <summary>The items.</summary>
    internal IReadOnlyList<TrainingItem> Items { get; } = items;

    /// <summary>How many samples of it were skipped.</summary>
    internal int Skipped { get; } = skipped;

    /// <summary>How far the data are used once it was learned.</summary>
    internal FeedPosition After { get; } = after;

    /// <summary>How many times the data have been gone through then.</summary>
    internal double Epoch { get; } = epoch;

    /// <summary>Frees the items.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Items.Count; i++)
        {
            Items[i].Dispose();
        }
    }
}
