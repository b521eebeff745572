namespace Percept.Data;

/// <summary>Numbers that follow from a seed, a stream and an index alone, on every machine and in every version of .NET.</summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014). Not thread-safe.</remarks>
internal sealed class GeneratorRandom
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <summary>Starts at a place.</summary>
    /// <param name="seed">The seed of a dataset.</param>
    /// <param name="stream">What the numbers are for: a split, a task; other streams have other numbers.</param>
    /// <param name="index">The sample.</param>
    internal GeneratorRandom(long seed, string stream, long index)
    {
        ulong mixed = Mix((ulong)seed + Step);
        foreach (char letter in stream)
        {
            mixed = Mix((mixed ^ letter) + Step);
        }

        _state = Mix((mixed ^ (ulong)index) + Step);
    }

    /// <summary>A whole number from 0 to below a bound.</summary>
    internal int Below(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>A whole number from a first to a last, both included.</summary>
    internal int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>A number from 0 to below 1.</summary>
    internal double Unit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from a low to below a high.</summary>
    internal double Range(double low, double high) => low + ((high - low) * Unit());

    /// <summary>True with a probability.</summary>
    internal bool Chance(double probability) => Unit() < probability;

    /// <summary>True in half of the cases.</summary>
    internal bool Coin() => (NextBits() >> 63) != 0;

    /// <summary>One of several.</summary>
    internal T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>One of several.</summary>
    internal T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Puts items into a random order.</summary>
    internal void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private ulong NextBits() => Mix(_state += Step);
}
