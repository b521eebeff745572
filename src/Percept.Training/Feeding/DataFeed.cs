using Percept.Data;

namespace Percept.Training;

/// <summary>
/// Gives micro-batches without end, in an order that follows from the recipe alone, prepared ahead of compute. N ranks go through the
/// batches of one process with N times the samples, each with its share of them.
/// </summary>
/// <remarks>For one thread.</remarks>
internal sealed class DataFeed : IDisposable
{
    // Samples of one batch have different random numbers.
    private const ulong MostSamples = 1 << 20;
    private const int BatchesAhead = 4;
    private const int LengthWindow = 512;

    private readonly IObjective _objective;
    private readonly DatasetMix _mix;
    private readonly LengthBatches _batches;
    private readonly ShardedOrder _share;
    private readonly IEnumerator<PreparedBatch> _prepared;
    private readonly int _samples;
    private readonly bool _hasEvenBatches;
    private long _count;

    internal DataFeed(
        Recipe recipe, IReadOnlyList<MixSource> sources, IObjective objective, Func<MixItem, int> length, FeedPosition? from,
        ShardedOrder share, CancellationToken cancellation)
    {
        _objective = objective;
        _share = share;
        int samples = recipe.Batch.Samples * share.Size;
        _samples = samples;
        _hasEvenBatches = recipe.Batch.Tokens is null;
        _mix = new DatasetMix(sources, new MixOptions { Seed = recipe.Seed, Epochs = null });
        _batches = new LengthBatches(_mix, length, new LengthBatchOptions
        {
            BatchSize = samples,
            TokenBudget = recipe.Batch.Tokens * share.Size,
            Window = recipe.Batch.GroupByLength ? Math.Max(LengthWindow, 4 * samples) : 1,
            Seed = recipe.Seed,
        });
        if (from is not null)
        {
            _batches.Position = from.Mix;
            _count = from.Batches;
        }

        Position = from ?? new FeedPosition(_batches.Position, 0);
        _prepared = new Prefetcher<Work, PreparedBatch>(Ahead(), Prepare, new PrefetchOptions { Ahead = BatchesAhead }, cancellation)
            .GetEnumerator();
    }

    /// <summary>How many samples an epoch has.</summary>
    internal long EpochLength => _mix.EpochLength;

    /// <summary>How far the data are used by the batches that were given.</summary>
    internal FeedPosition Position { get; private set; }

    /// <summary>The next micro-batch, which the caller disposes; one whose samples are all skipped is empty.</summary>
    /// <exception cref="PreparationException">A sample cannot be prepared.</exception>
    internal PreparedBatch Next()
    {
        if (!_prepared.MoveNext())
        {
            throw new InvalidDataException("The data have ended, though a mix goes on. Check the datasets.");
        }

        PreparedBatch batch = _prepared.Current;
        Position = batch.After;
        return batch;
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose() => _prepared.Dispose();

    private IEnumerable<Work> Ahead()
    {
        while (_batches.TryNext(out IReadOnlyList<MixItem> items))
        {
            _count++;

            // A window of lengths is read ahead of what is given out.
            double epoch = _hasEvenBatches ? (double)_count * _samples / _mix.EpochLength : _mix.Epoch;
            yield return new Work(_share.Share(items), _count - 1, new FeedPosition(_batches.Position, _count), epoch);
        }
    }

    private PreparedBatch Prepare(Work work, CancellationToken cancellation)
    {
        var items = new List<TrainingItem>(work.Items.Count);
        try
        {
            for (int i = 0; i < work.Items.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                ulong place = (ulong)(_share.Rank + (i * _share.Size));
                if (PrepareOne(work.Items[i], ((ulong)work.Number * MostSamples) + place) is { } item)
                {
                    items.Add(item);
                }
            }
        }
        catch
        {
            items.ForEach(item => item.Dispose());
            throw;
        }

        return new PreparedBatch(items, work.Items.Count - items.Count, work.After, work.Epoch);
    }

    private TrainingItem? PrepareOne(MixItem item, ulong draw)
    {
        DatasetSample sample = item.Load();
        try
        {
            return _objective.Prepare(sample, draw);
        }
        catch (Exception error) when (!error.Message.Contains(sample.ToString(), StringComparison.Ordinal) && error is not OperationCanceledException)
        {
            throw new InvalidDataException($"{sample} of '{item.Source.Name}': {error.Message}", error);
        }
    }

    /// <summary>A batch to be prepared: this rank's samples of it.</summary>
    private sealed record Work(IReadOnlyList<MixItem> Items, long Number, FeedPosition After, double Epoch)
    {
        public override string ToString() => Items.Count == 0 ? "an empty batch" : $"a batch of {Items.Count} samples from {Items[0]}";
    }
}
