using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Reads bits of a lossless stream, the lowest of a byte first.</summary>
internal unsafe struct Vp8LBits(byte* data, int length)
{
    private readonly byte* _data = data;
    private readonly int _length = length;
    private ulong _window;
    private int _held;
    private int _next;

    /// <summary>Whether more bits were taken than there are; zeros follow until this is looked at.</summary>
    internal readonly bool Exhausted => _held < 0;

    /// <summary>The bits ahead; at least 32 after <see cref="Fill"/>.</summary>
    internal readonly uint Ahead
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)_window;
    }

    /// <summary>Makes sure that 32 bits are ahead; behind the end they are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fill()
    {
        if (_held >= 32)
        {
            return;
        }

        if (_held >= 0 && _length - _next >= sizeof(ulong))
        {
            // Bits of a byte that does not fit whole are read again by the next call: they are the same.
            ReadOnlySpan<byte> ahead = new(_data + _next, sizeof(ulong));
            _window |= BinaryPrimitives.ReadUInt64LittleEndian(ahead) << _held;
            _next += (63 - _held) >> 3;
            _held |= 56;
            return;
        }

        while (_held is >= 0 and <= 56 && _next < _length)
        {
            _window |= (ulong)_data[_next++] << _held;
            _held += 8;
        }
    }

    /// <summary>Takes bits that were looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Skip(int count)
    {
        _window >>= count;
        _held -= count;
    }

    /// <summary>Takes up to 24 bits as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Take(int count)
    {
        Fill();
        int value = (int)(Ahead & ((1u << count) - 1));
        Skip(count);
        return value;
    }

    /// <summary>Takes a bit.</summary>
    internal bool Flag() => Take(1) != 0;

    /// <summary>Refuses a stream that has ended.</summary>
    /// <exception cref="InvalidDataException">More bits were taken than there are.</exception>
    internal readonly void RequireData()
    {
        if (Exhausted)
        {
            throw WebPFile.Broken("its lossless stream ends before the picture is complete");
        }
    }
}
