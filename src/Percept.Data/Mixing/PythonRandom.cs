namespace Percept.Data;

/// <summary>
/// The numbers that Python's <c>random</c> module gives after <c>random.seed(n)</c>: the Mersenne twister MT19937 (Matsumoto and
/// Nishimura 1998). For splits and orders that were published with a seed of Python.
/// </summary>
/// <remarks>Not safe for several threads.</remarks>
public sealed class PythonRandom
{
    private const int Size = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Starts as <c>random.seed(seed)</c> does.</summary>
    /// <param name="seed">The seed.</param>
    public PythonRandom(ulong seed)
    {
        uint[] key = seed >> 32 == 0 ? [(uint)seed] : [(uint)seed, (uint)(seed >> 32)];
        Fill(19650218);
        int i = 1;
        int j = 0;
        for (int k = Math.Max(Size, key.Length); k > 0; k--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1664525)) + key[j] + (uint)j;
            i = Step(i);
            j = (j + 1) % key.Length;
        }

        for (int k = Size - 1; k > 0; k--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1566083941)) - (uint)i;
            i = Step(i);
        }

        _state[0] = 0x80000000;
    }

    /// <summary>So many random bits, as <c>getrandbits</c> gives them.</summary>
    /// <param name="count">1 to 32.</param>
    public uint Bits(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 32);
        if (_next >= Size)
        {
            Twist();
        }

        uint value = _state[_next++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9d2c5680;
        value ^= (value << 15) & 0xefc60000;
        return (value ^ (value >> 18)) >> (32 - count);
    }

    /// <summary>A number from 0 to <paramref name="count"/> − 1, as <c>randrange</c> gives it.</summary>
    /// <param name="count">How many numbers there are, at least 1.</param>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)count);
        uint value = Bits(bits);
        while (value >= (uint)count)
        {
            value = Bits(bits);
        }

        return (int)value;
    }

    /// <summary>Shuffles a list in place, as <c>random.shuffle</c> does.</summary>
    /// <typeparam name="T">What is in it.</typeparam>
    /// <param name="list">The list.</param>
    public void Shuffle<T>(Span<T> list)
    {
        for (int i = list.Length - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (list[i], list[other]) = (list[other], list[i]);
        }
    }

    private void Fill(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Size; i++)
        {
            _state[i] = (1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        }
    }

    /// <summary>The next place in the state; behind the last one the second, the first gets the last one's value.</summary>
    private int Step(int place)
    {
        if (place + 1 < Size)
        {
            return place + 1;
        }

        _state[0] = _state[Size - 1];
        return 1;
    }

    private void Twist()
    {
        for (int i = 0; i < Size; i++)
        {
            uint mixed = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
            _state[i] = _state[(i + Middle) % Size] ^ (mixed >> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908b0df);
        }

        _next = 0;
    }
}
