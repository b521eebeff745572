namespace Percept.Media;

/// <summary>GIF's LZW: codes of growing width, lowest bits first, in blocks of at most 255 bytes.</summary>
/// <remarks>A full table without a clear code stays as it is, at 12 bits.</remarks>
internal static class GifLzw
{
    private const int TableSize = 4096;
    private const int GreatestBits = 12;

    /// <summary>The most pixels that some bytes of data can make, to refuse sizes before memory is taken.</summary>
    internal static long MostPixels(int dataBytes)
    {
        // Every code has 2 bits at least in practice and makes at most one pixel more than the one before.
        long codes = dataBytes * 8L;
        return codes * Math.Min(TableSize, codes);
    }

    /// <summary>Decodes the indices of a frame, row after row as stored.</summary>
    /// <param name="data">From the code size on.</param>
    /// <param name="pixels">Gets the indices; all must be in the data.</param>
    /// <param name="guard">The limits.</param>
    internal static void Decode(ReadOnlySpan<byte> data, Span<byte> pixels, DecodeGuard guard)
    {
        int bits = data[0];
        if (bits > GreatestBits)
        {
            throw new InvalidDataException($"A frame of the GIF file has codes of {bits} bits, more than {GreatestBits}.");
        }

        Span<ushort> prefix = stackalloc ushort[TableSize];
        Span<byte> suffix = stackalloc byte[TableSize];
        Span<ushort> length = stackalloc ushort[TableSize];
        int clear = 1 << bits;
        int end = clear + 1;
        int width = bits + 1;
        int next = clear + 2;
        int last = -1;
        int first = 0;
        int done = 0;
        uint buffer = 0;
        int buffered = 0;
        int at = 1;
        int block = 0;
        for (int i = 0; i < Math.Min(clear, TableSize); i++)
        {
            suffix[i] = (byte)i;
            length[i] = 1;
        }

        while (done < pixels.Length)
        {
            // The next code.
            while (buffered < width)
            {
                if (block == 0)
                {
                    guard.Tick();
                    block = at < data.Length ? data[at++] : 0;
                    if (block == 0)
                    {
                        throw new InvalidDataException("A frame of the GIF file ends before its last pixel; it is cut off.");
                    }
                }

                if (at >= data.Length)
                {
                    throw GifFile.CutOff();
                }

                buffer |= (uint)data[at++] << buffered;
                buffered += 8;
                block--;
            }

            int code = (int)(buffer & ((1u << width) - 1));
            buffer >>= width;
            buffered -= width;
            if (code == clear)
            {
                width = bits + 1;
                next = clear + 2;
                last = -1;
                continue;
            }

            if (code == end)
            {
                throw new InvalidDataException("A frame of the GIF file has fewer pixels than it announces.");
            }

            if (last < 0)
            {
                // The first code after a clear stands for itself.
                if (code > clear)
                {
                    throw Broken(code);
                }

                pixels[done++] = (byte)code;
                (first, last) = ((byte)code, code);
                continue;
            }

            // A string of the table, or the last one with its own first pixel behind it.
            bool isNew = code == next;
            if (code > next || (isNew && next >= TableSize))
            {
                throw Broken(code);
            }

            int known = isNew ? last : code;
            int count = length[known] + (isNew ? 1 : 0);
            int position = done + count - 1;
            if (isNew)
            {
                Put(pixels, position--, (byte)first);
            }

            for (int node = known; ; node = prefix[node])
            {
                Put(pixels, position--, suffix[node]);
                if (length[node] == 1)
                {
                    first = suffix[node];
                    break;
                }
            }

            done += count;
            if (next < TableSize)
            {
                prefix[next] = (ushort)last;
                suffix[next] = (byte)first;
                length[next] = (ushort)(length[last] + 1);
                width += next == (1 << width) - 1 && width < GreatestBits ? 1 : 0;
                next++;
            }

            last = code;
        }
    }

    private static void Put(Span<byte> pixels, int position, byte value)
    {
        // The last string may be longer than what is left.
        if ((uint)position < (uint)pixels.Length)
        {
            pixels[position] = value;
        }
    }

    private static InvalidDataException Broken(int code) =>
        new($"A frame of the GIF file has the code {code}, which is not defined yet; it is damaged.");
}
