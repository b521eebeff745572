using System.Security.Cryptography;
using System.Text;

namespace Percept.Evaluation;

/// <summary>The samples that a task puts to a model, and what tells them from any others.</summary>
public sealed class EvaluationData
{
    private readonly Dictionary<string, EvaluationSample> _byId;

    /// <summary>Puts samples together.</summary>
    /// <param name="name">What the data is called, with the split.</param>
    /// <param name="hash">A hash of everything that the samples are made of, media included.</param>
    /// <param name="samples">The samples, at least one.</param>
    /// <exception cref="InvalidDataException">There are no samples, or two of one name.</exception>
    public EvaluationData(string name, string hash, IReadOnlyList<EvaluationSample> samples)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(hash);
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            throw new InvalidDataException($"'{name}' has no samples; check the path and the split.");
        }

        Name = name;
        Hash = hash;
        Samples = samples;
        _byId = new Dictionary<string, EvaluationSample>(samples.Count, StringComparer.Ordinal);
        foreach (EvaluationSample sample in samples)
        {
            if (!_byId.TryAdd(sample.Id, sample))
            {
                throw new InvalidDataException($"'{name}' has two samples '{sample.Id}'; give each an id of its own.");
            }
        }
    }

    /// <summary>What the data is called.</summary>
    public string Name { get; }

    /// <summary>A hash of everything that the samples are made of.</summary>
    public string Hash { get; }

    /// <summary>The samples in their order.</summary>
    public IReadOnlyList<EvaluationSample> Samples { get; }

    /// <summary>The sample of a name.</summary>
    /// <param name="id">The name.</param>
    /// <exception cref="KeyNotFoundException">There is no such sample.</exception>
    public EvaluationSample Find(string id) => _byId.TryGetValue(id, out EvaluationSample? sample)
        ? sample
        : throw new KeyNotFoundException($"'{Name}' has no sample '{id}'.");

    /// <summary>
    /// A part of the data: groups are drawn at random, the same for the same seed, until there are enough samples, and keep their order. A
    /// part of a sorted file would else show some classes only.
    /// </summary>
    /// <param name="count">How many samples at least; all where there are no more.</param>
    /// <param name="seed">The seed of the draw.</param>
    public EvaluationData Take(int count, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (count >= Samples.Count)
        {
            return this;
        }

        IGrouping<string, EvaluationSample>[] groups = [.. Samples.GroupBy(sample => sample.Group ?? $"\0{sample.Id}", StringComparer.Ordinal)];
        new Random(seed).Shuffle(groups);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (IGrouping<string, EvaluationSample> group in groups)
        {
            if (taken.Count >= count)
            {
                break;
            }

            taken.UnionWith(group.Select(sample => sample.Id));
        }

        EvaluationSample[] samples = [.. Samples.Where(sample => taken.Contains(sample.Id))];
        return new EvaluationData($"{Name}, {samples.Length} of {Samples.Count} drawn with seed {seed}", Hash, samples);
    }

    /// <summary>A hash of texts, or of hashes, in their order.</summary>
    internal static string HashOf(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A hash of whole files, in their order.</summary>
    internal static string HashOfFiles(params IEnumerable<string> paths) => HashOf(paths.Select(path =>
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }));
}
