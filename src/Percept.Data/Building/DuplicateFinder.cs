namespace Percept.Data;

/// <summary>
/// Finds texts that are the same, or nearly: by MinHash over rows of words (Broder 1997) and bands of its values, and then by comparing
/// the candidates' rows themselves.
/// </summary>
/// <remarks>Not safe for several threads.</remarks>
public sealed class DuplicateFinder
{
    private const int Bands = 32;
    private const int RowsPerBand = 4;

    private readonly double _similarity;
    private readonly int _shingle;
    private readonly ulong[] _seeds;
    private readonly Dictionary<string, int> _exact = [];
    private readonly Dictionary<(int Band, ulong Hash), List<int>> _bands = [];
    private readonly List<HashSet<ulong>> _texts = [];

    /// <summary>Starts with no texts.</summary>
    /// <param name="similarity">From which share of common rows of words (Jaccard) texts count as nearly the same, above 0 to 1.</param>
    /// <param name="shingle">How many words a row has.</param>
    public DuplicateFinder(double similarity = 0.8, int shingle = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(similarity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(similarity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shingle, 1);
        _similarity = similarity;
        _shingle = shingle;
        var random = new SeededRandom(0x5ee5);
        _seeds = new ulong[Bands * RowsPerBand];
        for (int i = 0; i < _seeds.Length; i++)
        {
            _seeds[i] = random.Next() | 1;
        }
    }

    /// <summary>How many texts are kept.</summary>
    public int Count => _texts.Count;

    /// <summary>Keeps a text unless the same or nearly the same is kept already.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The number of the kept text that it repeats, with the share of common rows; null where it is new and is now kept.</returns>
    public (int Of, double Similarity)? Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> words = TextShingles.Words(text);
        string normal = string.Join(' ', words);
        if (_exact.TryGetValue(normal, out int same))
        {
            return (same, 1);
        }

        HashSet<ulong> rows = [.. TextShingles.Hashes(words, _shingle)];
        ulong[] bands = BandHashes(rows);
        var seen = new HashSet<int>();
        for (int band = 0; band < Bands && rows.Count > 0; band++)
        {
            foreach (int candidate in _bands.TryGetValue((band, bands[band]), out List<int>? list) ? list : [])
            {
                if (seen.Add(candidate) && Jaccard(rows, _texts[candidate]) is var share && share >= _similarity)
                {
                    return (candidate, share);
                }
            }
        }

        int number = _texts.Count;
        _texts.Add(rows);
        _exact[normal] = number;
        for (int band = 0; band < Bands && rows.Count > 0; band++)
        {
            if (!_bands.TryGetValue((band, bands[band]), out List<int>? list))
            {
                _bands[(band, bands[band])] = list = [];
            }

            list.Add(number);
        }

        return null;
    }

    private ulong[] BandHashes(HashSet<ulong> rows)
    {
        ulong[] bands = new ulong[Bands];
        for (int i = 0; i < _seeds.Length; i++)
        {
            ulong least = ulong.MaxValue;
            foreach (ulong row in rows)
            {
                ulong mixed = row ^ _seeds[i];
                mixed = (mixed ^ (mixed >> 33)) * 0xff51afd7ed558ccd;
                mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53;
                least = Math.Min(least, mixed ^ (mixed >> 33));
            }

            int band = i / RowsPerBand;
            bands[band] = (bands[band] ^ least) * 0x9E3779B97F4A7C15;
        }

        return bands;
    }

    private static double Jaccard(HashSet<ulong> first, HashSet<ulong> second)
    {
        int common = first.Count(second.Contains);
        return common / (double)(first.Count + second.Count - common);
    }
}
