using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>The boolean entropy decoder of the lossy stream.</summary>
/// <remarks>
/// Source: RFC 6386, section 7. Behind the end of a partition one byte of zeros is read like libwebp does before
/// <see cref="Exhausted"/> is set; the caller looks at it for every block.
/// </remarks>
internal unsafe struct Vp8Bits
{
    private const int Many = 56;

    private readonly byte* _end;
    private byte* _next;
    private ulong _value;
    private uint _rangeLessOne;
    private int _bits;
    private bool _exhausted;

    internal Vp8Bits(byte* data, long length)
    {
        _next = data;
        _end = data + length;
        _rangeLessOne = 255 - 1;
        _bits = length == 0 ? 0 : -8;
        _exhausted = length == 0;
    }

    /// <summary>Whether bits were taken that are not there.</summary>
    internal readonly bool Exhausted => _exhausted;

    /// <summary>Takes a bit that is 0 with a probability of <paramref name="probability"/> / 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Bit(int probability)
    {
        uint range = _rangeLessOne;
        if (_bits < 0)
        {
            if (_end - _next >= sizeof(ulong))
            {
                ulong word = BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(_next, sizeof(ulong)));
                _value = (_value << Many) | (word >> (64 - Many));
                _next += Many / 8;
                _bits += Many;
            }
            else
            {
                Take(Last(_next, _end, _value, _bits, _exhausted));
            }
        }

        int bits = _bits;
        uint split = (range * (uint)probability) >> 8;
        int bit = 0;
        if ((uint)(_value >> bits) > split)
        {
            range -= split;
            _value -= (ulong)(split + 1) << bits;
            bit = 1;
        }
        else
        {
            range = split + 1;
        }

        int shift = BitOperations.LeadingZeroCount(range) - 24;
        _rangeLessOne = (range << shift) - 1;
        _bits = bits - shift;
        return bit;
    }

    /// <summary>Takes a bit that is as likely 0 as 1.</summary>
    internal bool Flag() => Bit(128) != 0;

    /// <summary>Takes an unsigned number, its highest bit first.</summary>
    internal int Number(int bits)
    {
        int value = 0;
        while (bits-- > 0)
        {
            value = (value << 1) | Bit(128);
        }

        return value;
    }

    /// <summary>Takes a number and its sign.</summary>
    internal int Signed(int bits)
    {
        int value = Number(bits);
        return Flag() ? -value : value;
    }

    /// <summary>Takes a flag and, where it is set, a signed number; 0 otherwise.</summary>
    internal int Optional(int bits) => Flag() ? Signed(bits) : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take((nint Bytes, ulong Value, int Bits, bool Exhausted) state)
    {
        _next += state.Bytes;
        _value = state.Value;
        _bits = state.Bits;
        _exhausted = state.Exhausted;
    }

    /// <summary>One of the last bytes, or zeros behind them. Works on copies, so that a reader can live in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (nint Bytes, ulong Value, int Bits, bool Exhausted) Last(
        byte* next, byte* end, ulong value, int bits, bool exhausted) =>
        next < end ? (1, (value << 8) | *next, bits + 8, exhausted)
        : !exhausted ? (0, value << 8, bits + 8, true)
        : (0, value, 0, true);
}
