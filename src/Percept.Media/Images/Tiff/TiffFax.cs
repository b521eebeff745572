using System.Buffers;
using System.Numerics;

namespace Percept.Media;

/// <summary>Facsimile coding of bilevel rows: T.4 in one and two dimensions, and T.6.</summary>
/// <remarks>
/// Source: ITU-T T.4 and T.6. Two-dimensional rows are told by where colours change, relative to the row above. Rows are
/// kept as lists of those places: first to black, then to white, and so on.
/// </remarks>
internal ref struct TiffFax
{
    private const int EndOfLineBits = 12;
    private const int PassMode = 10;
    private const int HorizontalMode = 11;
    private const int GreatestWidth = 1 << 20;

    private readonly ReadOnlySpan<byte> _data;
    private readonly int _width;
    private long _bit;
    private int[] _above;
    private int[] _row;
    private int _changes;

    private TiffFax(ReadOnlySpan<byte> data, int width, int[] above, int[] row)
    {
        _data = data;
        _width = width;
        _above = above;
        _row = row;

        // Each row takes turns being the one above; the first one has a white row above.
        _row.AsSpan().Fill(width);
    }

    /// <summary>Decodes rows; black pixels are set bits.</summary>
    /// <param name="data">The coded rows.</param>
    /// <param name="header">The picture.</param>
    /// <param name="target">Gets the rows; all must be in the data.</param>
    /// <param name="guard">Limits, looked at for every row.</param>
    /// <returns>The number of bytes made.</returns>
    internal static int Decode(ReadOnlySpan<byte> data, TiffHeader header, Span<byte> target, DecodeGuard guard)
    {
        if (header.TileWidth > GreatestWidth)
        {
            throw new NotSupportedException(
                $"The TIFF file has facsimile rows of {header.TileWidth} pixels; decoded are up to {GreatestWidth}.");
        }

        // A row has a change a pixel at the most, one of no length at its start, and places behind its end.
        int[] above = ArrayPool<int>.Shared.Rent(header.TileWidth + 8);
        int[] row = ArrayPool<int>.Shared.Rent(header.TileWidth + 8);
        try
        {
            DecodeRows(new TiffFax(data, header.TileWidth, above, row), header, target, guard);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(above);
            ArrayPool<int>.Shared.Return(row);
        }

        return target.Length;
    }

    private static void DecodeRows(TiffFax fax, TiffHeader header, Span<byte> target, DecodeGuard guard)
    {
        int rowBytes = (int)header.TileRowBytes;
        target.Clear();
        for (int at = 0; at < target.Length; at += rowBytes)
        {
            guard.Tick();
            bool flat = true;
            switch (header.Compression)
            {
                case TiffHeader.FaxRuns:
                    fax._bit = (fax._bit + 7) / 8 * 8;
                    break;
                case TiffHeader.Fax3:
                    fax.SkipEndOfLine();
                    flat = (header.FaxOptions & 1) == 0 || fax.Take(1) == 1;
                    break;
                default:
                    flat = false;
                    break;
            }

            fax.DecodeRow(flat);
            fax.Paint(target.Slice(at, rowBytes));
        }
    }

    private void DecodeRow(bool flat)
    {
        (_above, _row) = (_row, _above);
        _changes = 0;
        if (flat)
        {
            for (int at = 0, color = 0; at < _width; color ^= 1)
            {
                at = Change(at + Run(color));
            }
        }
        else
        {
            DecodeRelative();
        }

        // Behind the last change all is beyond the row.
        _row.AsSpan(_changes).Fill(_width);
    }

    private void DecodeRelative()
    {
        int at = -1;
        int color = 0;
        int index = 0;
        while (at < _width)
        {
            // The next change above to the other colour.
            index = Math.Max(0, index - 3);
            index += (index & 1) ^ color;
            while (_above[index] <= at && _above[index] < _width)
            {
                index += 2;
            }

            int next = _above[index];
            int mode = Mode();
            switch (mode)
            {
                case PassMode:
                    at = _above[index + 1];
                    break;
                case HorizontalMode:
                    at = Change(Math.Max(at, 0) + Run(color));
                    at = Change(at + Run(color ^ 1));
                    break;
                default:
                    int place = next + mode;
                    if (place < Math.Max(at, 0))
                    {
                        throw Broken();
                    }

                    at = Change(place);
                    color ^= 1;
                    break;
            }
        }
    }

    /// <summary>The next mode: −3 to 3 for a change that far from the one above, else pass or horizontal.</summary>
    private int Mode()
    {
        int bits = Peek(7);
        (int mode, int length) = bits switch
        {
            >= 0b1000000 => (0, 1),
            >= 0b0110000 => (1, 3),
            >= 0b0100000 => (-1, 3),
            >= 0b0010000 => (HorizontalMode, 3),
            >= 0b0001000 => (PassMode, 4),
            >= 0b0000110 => (2, 6),
            >= 0b0000100 => (-2, 6),
            3 => (3, 7),
            2 => (-3, 7),
            _ => throw Broken(),
        };
        Skip(length);
        return mode;
    }

    /// <summary>The length of the next run: long parts, then the rest.</summary>
    private int Run(int color)
    {
        ushort[] table = color == 0 ? TiffFaxCodes.White : TiffFaxCodes.Black;
        int run = 0;
        while (true)
        {
            int entry = table[Peek(TiffFaxCodes.Bits)];
            if (entry == 0 || run > _width)
            {
                throw Broken();
            }

            Skip(entry & 15);
            run += entry >> 4;
            if (entry >> 4 < 64)
            {
                return run;
            }
        }
    }

    /// <summary>Notes a change of colour.</summary>
    private int Change(int place)
    {
        // The four places behind the end must stay free.
        if (_changes >= _row.Length - 4)
        {
            throw Broken();
        }

        place = Math.Min(place, _width);
        _row[_changes++] = place;
        return place;
    }

    private readonly void Paint(Span<byte> target)
    {
        for (int i = 0; i < _changes; i += 2)
        {
            for (int x = _row[i]; x < _row[i + 1]; x++)
            {
                target[x >> 3] |= (byte)(128 >> (x & 7));
            }
        }
    }

    /// <summary>Skips fill bits and the end-of-line code in front of a row, where there is one.</summary>
    private void SkipEndOfLine()
    {
        if (Peek(EndOfLineBits) == 0)
        {
            // The code ends with the next set bit, which lies in a later byte.
            int at = Math.Min((int)(_bit >> 3) + 1, _data.Length);
            int zeros = _data[at..].IndexOfAnyExcept((byte)0);
            _bit = zeros < 0
                ? _data.Length * 8L
                : ((at + zeros) * 8L) + BitOperations.LeadingZeroCount((uint)_data[at + zeros] << 24) - (EndOfLineBits - 1);
        }

        if (Peek(EndOfLineBits) == 1)
        {
            Skip(EndOfLineBits);
        }
    }

    private int Take(int count)
    {
        int bits = Peek(count);
        Skip(count);
        return bits;
    }

    /// <summary>The next bits; zeros behind the end.</summary>
    private readonly int Peek(int count)
    {
        int at = (int)(_bit >> 3);
        uint bits = 0;
        for (int i = 0; i < 4; i++)
        {
            bits = (bits << 8) | (at + i < _data.Length ? _data[at + i] : 0u);
        }

        return (int)((bits << (int)(_bit & 7)) >> (32 - count));
    }

    private void Skip(int count)
    {
        _bit += count;
        if (_bit > _data.Length * 8L)
        {
            throw new InvalidDataException("The TIFF file's facsimile data end before their last row; it is cut off.");
        }
    }

    private static InvalidDataException Broken() => new("The TIFF file's facsimile data are damaged: a code is not known.");
}
