using System.Runtime.CompilerServices;

namespace Percept.Tensors;

/// <summary>
/// Random numbers that are the same on every machine for the same seed: Philox 4×32 with 10 rounds, a counter put through a
/// keyed mixing function (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// </summary>
/// <remarks>
/// The state is a seed, a stream number and a position, so a stream can be saved, put back and split. Not safe for several
/// threads at once: give each thread a stream of its own with <see cref="Split(ulong)"/>.
/// </remarks>
public sealed class RandomStream
{
    /// <summary>Starts a stream.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="stream">Which of the seed's independent streams.</param>
    /// <param name="position">How many blocks of four 32-bit numbers to skip.</param>
    public RandomStream(ulong seed, ulong stream = 0, ulong position = 0)
    {
        Seed = seed;
        Stream = stream;
        Position = position;
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>Which of the seed's independent streams this is.</summary>
    public ulong Stream { get; }

    /// <summary>The next block of four numbers; saved and set again, the stream goes on from here.</summary>
    public ulong Position { get; set; }

    /// <summary>An independent stream of the same seed, told apart by a number.</summary>
    /// <param name="child">Which one; the same number gives the same stream whatever was drawn before.</param>
    public RandomStream Split(ulong child)
    {
        UInt128 mixed = Block(Seed, Stream ^ 0x9E3779B97F4A7C15UL, child);
        return new RandomStream(Seed, (ulong)mixed ^ (ulong)(mixed >> 64) ^ child);
    }

    /// <summary>An independent stream of the same seed, told apart by a name (its FNV-1a hash).</summary>
    /// <param name="child">The name.</param>
    public RandomStream Split(string child)
    {
        ArgumentNullException.ThrowIfNull(child);
        ulong hash = 14695981039346656037;
        foreach (char letter in child)
        {
            hash = unchecked((hash ^ letter) * 1099511628211);
        }

        return Split(hash);
    }

    /// <summary>64 random bits. Takes a whole block.</summary>
    public ulong NextUInt64() => (ulong)Block(Seed, Stream, Position++);

    /// <summary>A number spread evenly over [0, 1), with 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number spread evenly over [0, bound).</summary>
    /// <param name="bound">The bound above, at least 1.</param>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);

        // Multiply and shift; the bias is below 2^-32.
        return (int)(((UInt128)NextUInt64() * (uint)bound) >> 64);
    }

    /// <summary>Fills a span with numbers spread evenly over [low, high).</summary>
    /// <param name="values">What to fill; every four take one block.</param>
    /// <param name="low">The lowest.</param>
    /// <param name="high">The bound above.</param>
    public void FillUniform(Span<float> values, float low = 0f, float high = 1f)
    {
        float width = high - low;
        for (int i = 0; i < values.Length; i += 4)
        {
            UInt128 block = Block(Seed, Stream, Position++);
            int end = Math.Min(4, values.Length - i);
            for (int j = 0; j < end; j++)
            {
                uint bits = (uint)(block >> (32 * j));
                float value = low + (width * ((bits >> 8) * (1f / (1 << 24))));
                values[i + j] = value < high ? value : low;
            }
        }
    }

    /// <summary>Fills a span with numbers of the normal distribution, by the method of Box and Muller in double.</summary>
    /// <param name="values">What to fill; every four take one block.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    public void FillNormal(Span<float> values, float mean = 0f, float deviation = 1f)
    {
        Span<double> four = stackalloc double[4];
        for (int i = 0; i < values.Length; i += 4)
        {
            UInt128 block = Block(Seed, Stream, Position++);
            for (int j = 0; j < 4; j += 2)
            {
                // The first number is in (0, 1], so that its logarithm is finite.
                double u = ((uint)(block >> (32 * j)) + 1.0) * (1.0 / (1UL << 32));
                double angle = (uint)(block >> (32 * (j + 1))) * (2.0 * Math.PI / (1UL << 32));
                double radius = Math.Sqrt(-2.0 * Math.Log(u));
                four[j] = radius * Math.Cos(angle);
                four[j + 1] = radius * Math.Sin(angle);
            }

            int end = Math.Min(4, values.Length - i);
            for (int j = 0; j < end; j++)
            {
                values[i + j] = (float)(mean + (deviation * four[j]));
            }
        }
    }

    /// <summary>A random order of 0 … count − 1.</summary>
    /// <param name="order">Filled with the order.</param>
    public void Permutation(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            int j = NextInt32(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Block(ulong seed, ulong stream, ulong position)
    {
        const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        uint c0 = (uint)position, c1 = (uint)(position >> 32), c2 = (uint)stream, c3 = (uint)(stream >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = (
                (uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return new UInt128(((ulong)c3 << 32) | c2, ((ulong)c1 << 32) | c0);
    }
}
