namespace Percept.Data;

/// <summary>Numbers that follow from a seed, a stream and an index alone, on every machine and in every version of .NET.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class GeneratorRandom
{
    private SeededRandom _numbers;

    /// <summary>Starts at a place.</summary>
    /// <param name="seed">The seed of a dataset.</param>
    /// <param name="stream">What the numbers are for: a split, a task; other streams have other numbers.</param>
    /// <param name="index">The sample.</param>
    internal GeneratorRandom(long seed, string stream, long index)
    {
        Span<ulong> seeds = stackalloc ulong[stream.Length + 2];
        seeds[0] = (ulong)seed;
        for (int i = 0; i < stream.Length; i++)
        {
            seeds[i + 1] = stream[i];
        }

        seeds[^1] = (ulong)index;
        _numbers = new SeededRandom(seeds);
    }

    /// <summary>A whole number from 0 to below a bound.</summary>
    internal int Below(int bound) => _numbers.Below(bound);

    /// <summary>A whole number from a first to a last, both included.</summary>
    internal int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>A number from 0 to below 1.</summary>
    internal double Unit() => (_numbers.Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from a low to below a high.</summary>
    internal double Range(double low, double high) => low + ((high - low) * Unit());

    /// <summary>True with a probability.</summary>
    internal bool Chance(double probability) => Unit() < probability;

    /// <summary>True in half of the cases.</summary>
    internal bool Coin() => (_numbers.Next() >> 63) != 0;

    /// <summary>One of several.</summary>
    internal T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>One of several.</summary>
    internal T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Puts items into a random order.</summary>
    internal void Shuffle<T>(Span<T> items) => _numbers.Shuffle(items);
}
