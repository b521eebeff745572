namespace Percept.Media;

/// <summary>TIFF's LZW: codes of 9 to 12 bits, highest bits first, growing one code early.</summary>
internal static class TiffLzw
{
    private const int BytesATick = 1 << 15;
    private const int TableSize = 4096;
    private const int Clear = 256;
    private const int End = 257;

    /// <summary>Decodes until the target is full or the data end.</summary>
    /// <param name="data">The codes.</param>
    /// <param name="target">Gets what they stand for.</param>
    /// <param name="guard">Limits: many codes clear the table and make no byte.</param>
    /// <returns>The number of bytes made.</returns>
    internal static int Decode(ReadOnlySpan<byte> data, Span<byte> target, DecodeGuard guard)
    {
        if (data.Length > 1 && data[0] == 0 && (data[1] & 1) != 0)
        {
            throw new NotSupportedException("The TIFF file has LZW data of before 1989, which are not decoded.");
        }

        Span<ushort> prefix = stackalloc ushort[TableSize];
        Span<byte> suffix = stackalloc byte[TableSize];
        Span<ushort> length = stackalloc ushort[TableSize];
        for (int i = 0; i < 256; i++)
        {
            suffix[i] = (byte)i;
            length[i] = 1;
        }

        int width = 9;
        int next = End + 1;
        int last = -1;
        byte first = 0;
        int done = 0;
        uint buffer = 0;
        int buffered = 0;
        int at = 0;
        while (done < target.Length)
        {
            while (buffered < width)
            {
                if (at >= data.Length)
                {
                    return done;
                }

                if (at % BytesATick == 0)
                {
                    guard.Tick();
                }

                buffer = (buffer << 8) | data[at++];
                buffered += 8;
            }

            int code = (int)((buffer >> (buffered - width)) & ((1u << width) - 1));
            buffered -= width;
            if (code == Clear)
            {
                (width, next, last) = (9, End + 1, -1);
                continue;
            }

            if (code == End)
            {
                return done;
            }

            bool isNew = last >= 0 && code == next;
            if (last < 0 ? code > 255 : code > next || (isNew && next >= TableSize))
            {
                throw new InvalidDataException($"The TIFF file's LZW data have the code {code}, which is not defined yet; they are damaged.");
            }

            int known = isNew ? last : code;
            int count = length[known] + (isNew ? 1 : 0);
            int position = done + count - 1;
            if (isNew)
            {
                Put(target, position--, first);
            }

            for (int node = known; ; node = prefix[node])
            {
                Put(target, position--, suffix[node]);
                if (length[node] == 1)
                {
                    first = suffix[node];
                    break;
                }
            }

            done += count;
            if (last >= 0 && next < TableSize)
            {
                prefix[next] = (ushort)last;
                suffix[next] = first;
                length[next] = (ushort)(length[last] + 1);
                next++;
                width = next >= (1 << width) - 1 && width < 12 ? width + 1 : width;
            }

            last = code;
        }

        return target.Length;
    }

    private static void Put(Span<byte> target, int position, byte value)
    {
        if ((uint)position < (uint)target.Length)
        {
            target[position] = value;
        }
    }
}
