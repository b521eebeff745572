using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Reads bits, most significant first, of one FLAC file.</summary>
internal ref struct FlacBits
{
    private readonly ReadOnlySpan<byte> _data;
    private int _next;

    /// <summary>The bits that are loaded but not taken, from the top; what is below them is zero.</summary>
    private ulong _cache;
    private int _count;

    internal FlacBits(ReadOnlySpan<byte> data, int start)
    {
        _data = data;
        _next = start;
    }

    /// <summary>The byte that the next bit lies in.</summary>
    internal readonly int Position => _next - (_count >> 3);

    /// <summary>Takes up to 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Take(int bits)
    {
        if (_count < bits)
        {
            Fill(bits);
        }

        // Two shifts: a shift by 64 would be one by 0.
        uint value = (uint)(_cache >> 1 >> (63 - bits));
        _cache <<= bits;
        _count -= bits;
        return value;
    }

    /// <summary>Takes up to 32 bits as a number with a sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int TakeSigned(int bits) => bits == 0 ? 0 : (int)(Take(bits) << (32 - bits)) >> (32 - bits);

    /// <summary>Takes up to 33 bits as a number with a sign.</summary>
    internal long TakeSignedLong(int bits)
    {
        if (bits <= 32)
        {
            return TakeSigned(bits);
        }

        long high = TakeSigned(bits - 16);
        return (high << 16) | Take(16);
    }

    /// <summary>Counts the zero bits in front of the next one bit and takes both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int TakeUnary()
    {
        int zeros = BitOperations.LeadingZeroCount(_cache);
        if (zeros < _count)
        {
            _cache = _cache << zeros << 1;
            _count -= zeros + 1;
            return zeros;
        }

        return TakeUnaryAcross();
    }

    /// <summary>Takes Rice codes with a parameter of at most 30: zero bits, a one bit, <paramref name="parameter"/> low bits.</summary>
    internal void TakeRice(scoped Span<int> values, int parameter)
    {
        // The state lives in locals so that the loop keeps it in registers.
        ReadOnlySpan<byte> data = _data;
        ulong cache = _cache;
        int count = _count;
        int next = _next;
        int i = 0;
        while (i < values.Length)
        {
            if (count < 48)
            {
                if (next + 8 > data.Length)
                {
                    break;
                }

                cache |= BinaryPrimitives.ReadUInt64BigEndian(data[next..]) >> count;
                next += (64 - count) >> 3;
                count += (64 - count) & ~7;

                // The last byte was taken in part only when the count is no multiple of 8: drop what does not count.
                cache &= ulong.MaxValue << (64 - count);
            }

            int zeros = BitOperations.LeadingZeroCount(cache);
            if (zeros + 1 + parameter > 32)
            {
                // A long code, which may reach beyond what is loaded or beyond 32 bits: through the general path.
                (_cache, _count, _next) = (cache, count, next);
                values[i++] = TakeRiceSlow(parameter);
                (cache, count, next) = (_cache, _count, _next);
                continue;
            }

            cache = cache << zeros << 1;
            uint code = ((uint)zeros << parameter) | (uint)(cache >> 1 >> (63 - parameter));
            cache <<= parameter;
            count -= zeros + 1 + parameter;
            values[i++] = (int)(code >> 1) ^ -(int)(code & 1);
        }

        (_cache, _count, _next) = (cache, count, next);
        for (; i < values.Length; i++)
        {
            values[i] = TakeRiceSlow(parameter);
        }
    }

    /// <summary>Drops bits up to the next byte; they must be zero.</summary>
    internal void AlignZero()
    {
        if (Take(_count & 7) != 0)
        {
            throw new InvalidDataException("The FLAC file has a frame whose padding bits are not zero.");
        }
    }

    private int TakeRiceSlow(int parameter)
    {
        ulong code = ((ulong)(uint)TakeUnary() << parameter) | Take(parameter);
        if (code > uint.MaxValue)
        {
            throw new InvalidDataException("The FLAC file has a residual beyond 32 bits.");
        }

        return (int)((uint)code >> 1) ^ -(int)(code & 1);
    }

    private int TakeUnaryAcross()
    {
        long zeros = 0;
        while (true)
        {
            if (_count == 0)
            {
                Fill(1);
            }

            int here = BitOperations.LeadingZeroCount(_cache);
            if (here < _count)
            {
                zeros += here;
                _cache = _cache << here << 1;
                _count -= here + 1;
                return zeros <= int.MaxValue
                    ? (int)zeros
                    : throw new InvalidDataException("The FLAC file has a residual beyond 32 bits.");
            }

            zeros += _count;
            _count = 0;
            _cache = 0;
        }
    }

    private void Fill(int bits)
    {
        while (_count <= 56)
        {
            if (_next >= _data.Length)
            {
                if (_count >= bits)
                {
                    return;
                }

                throw new InvalidDataException("The FLAC file ends inside a frame.");
            }

            _cache |= (ulong)_data[_next++] << (56 - _count);
            _count += 8;
        }
    }
}
