namespace Percept.Data;

/// <summary>Numbers that follow from seeds alone: SplitMix64 (Steele, Lea, Flood 2014). The same on every machine.</summary>
internal struct SeededRandom
{
    private ulong _state;

    /// <param name="seeds">What the numbers follow from; each order and value gives another row of numbers.</param>
    internal SeededRandom(params ReadOnlySpan<ulong> seeds)
    {
        foreach (ulong seed in seeds)
        {
            _state ^= seed;
            _state = Next();
        }
    }

    /// <summary>64 random bits.</summary>
    internal ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 to <paramref name="count"/> − 1, all equally likely.</summary>
    internal int Below(int count)
    {
        ulong range = (ulong)count;

        // Multiplies into the range (Lemire 2019) and draws again where the range does not divide 2^64 evenly.
        ulong high = Math.BigMul(Next(), range, out ulong low);
        if (low < range)
        {
            ulong least = (0 - range) % range;
            while (low < least)
            {
                high = Math.BigMul(Next(), range, out low);
            }
        }

        return (int)high;
    }

    /// <summary>Shuffles a list in place (Fisher and Yates).</summary>
    internal void Shuffle<T>(Span<T> list)
    {
        for (int i = list.Length - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (list[i], list[other]) = (list[other], list[i]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    internal int[] Permutation(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        Shuffle<int>(order);
        return order;
    }
}
