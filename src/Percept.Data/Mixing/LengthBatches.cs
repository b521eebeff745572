namespace Percept.Data;

/// <summary>
/// Cuts a mix into batches of about equal length: samples of a window are sorted by length, cut, and the batches given in random
/// order, so that lengths do not rise or fall over a run. A window ends with its epoch, but for samples that fill the last batch.
/// </summary>
/// <remarks>
/// Deterministic; <see cref="Position"/> can be stored after any batch, and a restored one goes on with the next. Not safe for several threads.
/// </remarks>
public sealed class LengthBatches
{
    private readonly DatasetMix _mix;
    private readonly Func<MixItem, int> _length;
    private readonly LengthBatchOptions _options;
    private MixPosition _windowStart;
    private IReadOnlyList<IReadOnlyList<MixItem>> _window = [];
    private int _next;

    /// <summary>Cuts a mix.</summary>
    /// <param name="mix">The mix; nobody else may read from it.</param>
    /// <param name="length">How many tokens a sample has; always the same for the same sample.</param>
    /// <param name="options">Sizes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public LengthBatches(DatasetMix mix, Func<MixItem, int> length, LengthBatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mix);
        ArgumentNullException.ThrowIfNull(length);
        options ??= new LengthBatchOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TokenBudget ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Window, 1, nameof(options));
        _mix = mix;
        _length = length;
        _options = options;
        _windowStart = mix.Position;
    }

    /// <summary>How far has been read; setting it goes there.</summary>
    /// <exception cref="InvalidDataException">The position is of another mix, or of other sizes.</exception>
    public MixPosition Position
    {
        get => _next >= _window.Count ? _mix.Position : _windowStart with { Batches = _next };
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _mix.Position = value;
            _windowStart = value with { Batches = 0 };
            (_window, _next) = ([], 0);
            if (value.Batches > 0)
            {
                ReadWindow();
                _next = value.Batches < _window.Count ? value.Batches : throw new InvalidDataException(
                    $"The position is behind batch {value.Batches} of a window that has {_window.Count}: sizes or lengths have "
                    + "changed. Restore them, or start the data anew.");
            }
        }
    }

    /// <summary>The next batch; false at the end.</summary>
    /// <param name="batch">Its samples, the longest first.</param>
    public bool TryNext(out IReadOnlyList<MixItem> batch)
    {
        if (_next >= _window.Count)
        {
            _windowStart = _mix.Position;
            ReadWindow();
        }

        if (_window.Count == 0)
        {
            batch = [];
            return false;
        }

        batch = _window[_next++];
        return true;
    }

    /// <summary>All batches from the position on; the position moves with them.</summary>
    public IEnumerable<IReadOnlyList<MixItem>> Batches()
    {
        while (TryNext(out IReadOnlyList<MixItem> batch))
        {
            yield return batch;
        }
    }

    private void ReadWindow()
    {
        long start = _mix.Position.Given;
        int wanted = _options.BatchSize;
        if (_options.Window > 1)
        {
            // Beyond the epoch's end samples come again, and copies would stand side by side; only the last batch is filled with them.
            long left = Math.Min(_options.Window, _mix.EpochLength - (start % _mix.EpochLength));
            wanted = checked((int)Math.Max(1, (left + wanted - 1) / wanted) * wanted);
        }

        var items = new List<(MixItem Item, int Length, int Order)>();
        while (items.Count < wanted && _mix.TryNext(out MixItem item))
        {
            items.Add((item, _length(item), items.Count));
        }

        if (_options.Window > 1)
        {
            items.Sort((a, b) => a.Length != b.Length ? b.Length.CompareTo(a.Length) : a.Order.CompareTo(b.Order));
        }

        IReadOnlyList<MixItem>[] batches = [.. Cut(items)];
        if (_options.Window > 1)
        {
            new SeededRandom(_options.Seed, (ulong)start).Shuffle<IReadOnlyList<MixItem>>(batches);
        }

        (_window, _next) = (batches, 0);
    }

    private IEnumerable<IReadOnlyList<MixItem>> Cut(List<(MixItem Item, int Length, int Order)> items)
    {
        var batch = new List<MixItem>();
        long tokens = 0;
        foreach ((MixItem item, int length, _) in items)
        {
            if (batch.Count > 0 && (batch.Count >= _options.BatchSize || tokens + length > (_options.TokenBudget ?? long.MaxValue)))
            {
                yield return batch;
                (batch, tokens) = ([], 0);
            }

            batch.Add(item);
            tokens += length;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
