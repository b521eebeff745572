using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>
/// The entropy-coded bytes of a scan, with the zeros that are stuffed behind 0xFF taken out: a window that is small
/// enough for the near caches, so that the reading of bits needs to know nothing about markers.
/// </summary>
/// <remarks>
/// Behind the last byte before a marker lie zeros. A decoder may read into them; <see cref="Check"/> then tells.
/// </remarks>
internal sealed unsafe class JpegEntropySource : IDisposable
{
    /// <summary>More than an MCU can take: ten blocks of 64 coefficients with 31 bits each.</summary>
    private const int LongestMcu = (10 * 64 * 31 / 8) + 64;

    private const int WindowBytes = 16 * 1024;
    private const byte Marker = 0xFF;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly PinnedBuffer _window = new(WindowBytes + LongestMcu);
    private int _position;
    private byte* _end;
    private bool _complete;

    internal JpegEntropySource(ReadOnlyMemory<byte> data) => _data = data;

    /// <summary>The state of reading.</summary>
    internal JpegBits Bits;

    /// <summary>Begins with the bytes at a position of the file.</summary>
    internal void Start(int position)
    {
        _position = position;
        _complete = false;
        _end = _window.Pointer;
        Bits = new JpegBits { Next = _window.Pointer };
        Fill();
    }

    /// <summary>Makes sure that the bits of a whole MCU can be read. To be called before every one.</summary>
    internal void Prepare()
    {
        if (!_complete && _end - Bits.Next < LongestMcu)
        {
            Fill();
        }
    }

    /// <summary>Takes all bytes of the window that were not read yet, for readers that need no bits.</summary>
    /// <returns>False when there are no more before the next marker.</returns>
    internal bool TakeBytes(out byte* first, out byte* end)
    {
        if (Bits.Next == _end && !_complete)
        {
            Fill();
        }

        first = Bits.Next;
        end = _end;
        Bits.Next = _end;
        return first < end;
    }

    /// <summary>Throws when more bits were read than there are.</summary>
    /// <exception cref="InvalidDataException">The scan's data ends too early.</exception>
    internal void Check()
    {
        if (Bits.Next - (Bits.Count >> 3) > _end)
        {
            throw new InvalidDataException(
                $"The data of a scan of the JPEG file ends too early, before byte {_position}: the file is cut or " +
                "damaged.");
        }
    }

    /// <summary>Goes past the restart marker that must follow; bytes that are left before it do not matter.</summary>
    /// <param name="number">0 to 7.</param>
    /// <exception cref="InvalidDataException">Another marker or the end of the file follows.</exception>
    internal void Restart(int number)
    {
        int at = FindMarker();
        int found = _data.Span[at];
        if (found != 0xD0 + number)
        {
            throw new InvalidDataException(
                $"The JPEG file has the marker 0xFF{found:X2} at byte {at}; the restart marker " +
                $"0xFF{0xD0 + number:X2} was due: the file is damaged.");
        }

        Start(at + 1);
    }

    /// <summary>The position of the 0xFF before the next marker.</summary>
    /// <exception cref="InvalidDataException">The file ends first.</exception>
    internal int Finish() => FindMarker() - 1;

    /// <inheritdoc/>
    public void Dispose() => _window.Dispose();

    /// <summary>The position of the next marker's second byte.</summary>
    private int FindMarker()
    {
        ReadOnlySpan<byte> data = _data.Span;
        int at = _position;
        while (at < data.Length)
        {
            int step = data[at..].IndexOf(Marker);
            if (step < 0)
            {
                break;
            }

            at += step;
            while (at < data.Length && data[at] == Marker)
            {
                at++;
            }

            if (at < data.Length && data[at] != 0)
            {
                return at;
            }
        }

        throw new InvalidDataException("The JPEG file ends inside a scan: it was cut.");
    }

    /// <summary>Moves what is left to the front of the window and fills it up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill()
    {
        byte* start = _window.Pointer;
        int left = (int)(_end - Bits.Next);
        Buffer.MemoryCopy(Bits.Next, start, _window.Length, left);
        Bits.Next = start;
        byte* to = start + left;
        byte* full = start + WindowBytes;
        ReadOnlySpan<byte> data = _data.Span;
        while (to < full)
        {
            ReadOnlySpan<byte> rest = data[_position..];
            rest = rest[..(int)Math.Min(rest.Length, full - to)];
            int plain = rest.IndexOf(Marker);
            int copied = plain < 0 ? rest.Length : plain;
            rest[..copied].CopyTo(new Span<byte>(to, copied));
            to += copied;
            _position += copied;
            if (plain < 0)
            {
                if (_position < data.Length)
                {
                    continue;
                }

                _complete = true;
                break;
            }

            // Any number of 0xFF may stand before a marker, and before the zero that makes one of them a byte of data.
            int at = _position + 1;
            while (at < data.Length && data[at] == Marker)
            {
                at++;
            }

            if (at >= data.Length || data[at] != 0)
            {
                _complete = true;
                break;
            }

            *to++ = Marker;
            _position = at + 1;
        }

        _end = to;
        if (_complete)
        {
            new Span<byte>(to, (int)(start + _window.Length - to)).Clear();
        }
        else
        {
            new Span<byte>(to, 8).Clear();
        }
    }
}
