using System.Security.Cryptography;

namespace Percept.Data;

/// <summary>
/// Several datasets as one stream of samples. In each epoch a dataset gives exactly as many samples as its weight says, spread evenly;
/// within a dataset a pass gives each sample once before any comes again.
/// </summary>
/// <remarks>
/// The order follows from seed, names and sizes alone. <see cref="Position"/> can be stored at any time; a mix that is restored to it
/// gives what the uninterrupted one would have given. Not safe for several threads: one reads the order, and others may load the items.
/// </remarks>
public sealed class DatasetMix
{
    private readonly MixSource[] _sources;
    private readonly MixOptions _options;
    private readonly long[] _quota;
    private readonly long[] _drawn;
    private readonly (long Pass, int[] Order)[] _orders;
    private readonly string _fingerprint;
    private long _given;

    /// <summary>Mixes datasets.</summary>
    /// <param name="sources">The datasets, with different names.</param>
    /// <param name="options">Order and amount.</param>
    /// <exception cref="ArgumentException">There is no dataset, one is empty, two have one name, or a weight is no positive number.</exception>
    public DatasetMix(IReadOnlyList<MixSource> sources, MixOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        _options = options ?? new MixOptions();
        _sources = [.. sources];
        if (_sources.Length == 0)
        {
            throw new ArgumentException("A mix needs at least one dataset.", nameof(sources));
        }

        foreach (MixSource source in _sources)
        {
            if (source.Count < 1)
            {
                throw new ArgumentException($"The dataset '{source.Name}' has no samples. Remove it from the mix.", nameof(sources));
            }

            if (!(source.Weight > 0) || double.IsInfinity(source.Weight))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"The weight of '{source.Name}' is {source.Weight}; a number above 0 was expected."), nameof(sources));
            }
        }

        if (_sources.GroupBy(source => source.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two datasets are called '{twice.Key}'. Give each a name of its own.", nameof(sources));
        }

        _quota = Quotas();
        EpochLength = _quota.Sum();
        Total = Math.Min(
            _options.Epochs is { } epochs ? (long)Math.Round(epochs * EpochLength) : long.MaxValue, _options.MaxSamples ?? long.MaxValue);
        _drawn = new long[_sources.Length];
        _orders = new (long, int[])[_sources.Length];
        Array.Fill(_orders, (-1, []));
        _fingerprint = Fingerprint();
    }

    /// <summary>The datasets.</summary>
    public IReadOnlyList<MixSource> Sources => _sources;

    /// <summary>How many samples an epoch has.</summary>
    public long EpochLength { get; }

    /// <summary>How many samples are given in all; <see cref="long.MaxValue"/> for a mix without end.</summary>
    public long Total { get; }

    /// <summary>The epoch of the next sample, with its fraction.</summary>
    public double Epoch => _given / (double)EpochLength;

    /// <summary>How many samples of each dataset an epoch has.</summary>
    public IReadOnlyList<long> SamplesPerEpoch => _quota;

    /// <summary>How far the mix has been read; setting it goes there.</summary>
    /// <exception cref="InvalidDataException">The position is of another mix.</exception>
    public MixPosition Position
    {
        get => new() { Given = _given, Drawn = [.. _drawn], Mix = _fingerprint };
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Mix != _fingerprint || value.Drawn.Count != _sources.Length || value.Drawn.Sum() != value.Given)
            {
                throw new InvalidDataException(
                    $"The position is of another mix ({value.Mix}, this one is {_fingerprint}): datasets, sizes, weights or seed have "
                    + "changed. " +
                    "Restore them, or start the data anew.");
            }

            _given = value.Given;
            for (int i = 0; i < _drawn.Length; i++)
            {
                _drawn[i] = value.Drawn[i];
            }
        }
    }

    /// <summary>The next sample; false at the end.</summary>
    /// <param name="item">The sample.</param>
    public bool TryNext(out MixItem item)
    {
        if (_given >= Total)
        {
            item = default;
            return false;
        }

        int source = NextSource();
        item = new MixItem(_sources[source], IndexOf(source, _drawn[source]));
        _drawn[source]++;
        _given++;
        return true;
    }

    /// <summary>All samples from the position on; the position moves with them.</summary>
    public IEnumerable<MixItem> Items()
    {
        while (TryNext(out MixItem item))
        {
            yield return item;
        }
    }

    /// <summary>The source that is furthest behind its share of this epoch.</summary>
    private int NextSource()
    {
        long epoch = _given / EpochLength;
        long step = (_given % EpochLength) + 1;
        int best = -1;
        Int128 most = 0;
        for (int i = 0; i < _sources.Length; i++)
        {
            long taken = _drawn[i] - (epoch * _quota[i]);
            if (taken >= _quota[i])
            {
                continue;
            }

            Int128 behind = ((Int128)_quota[i] * step) - ((Int128)taken * EpochLength);
            if (best < 0 || behind > most)
            {
                (best, most) = (i, behind);
            }
        }

        return best;
    }

    private int IndexOf(int source, long drawn)
    {
        int count = _sources[source].Count;
        (long pass, long place) = Math.DivRem(drawn, count);
        if (!_options.Shuffles)
        {
            return (int)place;
        }

        if (_orders[source].Pass != pass)
        {
            var random = new SeededRandom(_options.Seed, NameSeed(_sources[source].Name), (ulong)pass);
            _orders[source] = (pass, random.Permutation(count));
        }

        return _orders[source].Order[place];
    }

    private long[] Quotas()
    {
        double total = _sources.Sum(source => (double)source.Count);
        double weights = _sources.Sum(source => source.Weight);
        return
        [
            .. _sources.Select(source => Math.Max(1, (long)Math.Round(
                _options.WeightsAreShares ? source.Weight / weights * total : source.Weight * source.Count))),
        ];
    }

    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        HashText.Append(hash, FormattableString.Invariant($"{_options.Seed} {_options.Shuffles}"));
        for (int i = 0; i < _sources.Length; i++)
        {
            HashText.Append(hash, _sources[i].Name);
            HashText.Append(hash, FormattableString.Invariant($"{_sources[i].Count} {_quota[i]}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static ulong NameSeed(string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        HashText.Append(hash, name);
        return BitConverter.ToUInt64(hash.GetHashAndReset());
    }
}
