using System.IO.Compression;

namespace Percept.Media;

/// <summary>Decompresses tiles and strips.</summary>
internal static class TiffTiles
{
    private const int BytesATick = 1 << 16;

    private static readonly byte[] s_reversed = MakeReversed();

    /// <summary>Decompresses one tile or strip.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">The picture.</param>
    /// <param name="index">Which.</param>
    /// <param name="target">Gets its rows; all of them must be in the data.</param>
    /// <param name="guard">Limits: a strip's data may make a great many bytes, or none at all.</param>
    internal static void Decode(ReadOnlyMemory<byte> file, TiffHeader header, int index, Span<byte> target, DecodeGuard guard)
    {
        ReadOnlyMemory<byte> data = Data(file, header, index);
        int done = header.Compression switch
        {
            TiffHeader.NoCompression => Copy(data.Span, target),
            TiffHeader.Lzw => TiffLzw.Decode(data.Span, target, guard),
            TiffHeader.PackBits => UnpackBits(data.Span, target, guard),
            _ when header.IsFax => TiffFax.Decode(data.Span, header, target, guard),
            _ => Inflate(data, target, guard),
        };
        if (done < target.Length)
        {
            throw new InvalidDataException(
                $"A tile or strip of the TIFF file has {done} bytes, expected {target.Length}; it is cut off or damaged.");
        }
    }

    /// <summary>
    /// The file with the bits of each byte in the usual order. Once for all strips: they may overlap, up to the whole file each.
    /// </summary>
    internal static ReadOnlyMemory<byte> InBitOrder(ReadOnlyMemory<byte> file, TiffHeader header)
    {
        if (!header.ReversedBits)
        {
            return file;
        }

        byte[] turned = new byte[file.Length];
        ReadOnlySpan<byte> source = file.Span;
        for (int i = 0; i < turned.Length; i++)
        {
            turned[i] = s_reversed[source[i]];
        }

        return turned;
    }

    /// <summary>Refuses sizes that the data cannot hold, before memory is taken.</summary>
    internal static void CheckAmount(ReadOnlyMemory<byte> file, TiffHeader header, long tileBytes)
    {
        long ratio = header.Compression switch
        {
            TiffHeader.NoCompression => 1,
            TiffHeader.PackBits => 64,
            TiffHeader.Lzw => 4096,

            // A row like the one above takes one bit.
            _ when header.IsFax => 8 * header.TileRowBytes,
            _ => PngRows.GreatestRatio,
        };
        long stored = 0;
        for (int i = 0; i < header.Offsets.Length; i++)
        {
            stored = Math.Max(stored, Data(file, header, i).Length);
        }

        // The greatest tile must hold a whole tile, all together the picture.
        long rows = ((long)header.Width * header.Bits * (header.Planar ? 1 : header.Samples) / 8) * header.Height;
        if (tileBytes / ratio > stored || rows / ratio > stored * header.Offsets.LongLength)
        {
            throw new InvalidDataException(
                $"The TIFF file announces {header.Width}×{header.Height} pixels, but its data cannot hold them; it is cut off.");
        }
    }

    private static ReadOnlyMemory<byte> Data(ReadOnlyMemory<byte> file, TiffHeader header, int index)
    {
        long offset = Math.Min(header.Offsets[index], file.Length);
        long left = file.Length - offset;

        // Uncompressed rows need no count, and writers have got it wrong.
        bool counted = header.Compression != TiffHeader.NoCompression && index < header.ByteCounts.Length;
        return file.Slice((int)offset, (int)(counted ? Math.Min(header.ByteCounts[index], left) : left));
    }

    private static int Copy(ReadOnlySpan<byte> data, Span<byte> target)
    {
        int count = Math.Min(data.Length, target.Length);
        data[..count].CopyTo(target);
        return count;
    }

    /// <summary>A count n below 128: n + 1 bytes follow as they are; above 128: the next byte 257 − n times.</summary>
    private static int UnpackBits(ReadOnlySpan<byte> data, Span<byte> target, DecodeGuard guard)
    {
        int at = 0;
        int done = 0;
        int nextTick = 0;
        while (done < target.Length && at < data.Length)
        {
            if (at >= nextTick)
            {
                guard.Tick();
                nextTick = at + BytesATick;
            }

            int count = data[at++];
            if (count < 128)
            {
                count = Math.Min(count + 1, Math.Min(target.Length - done, data.Length - at));
                data.Slice(at, count).CopyTo(target[done..]);
                at += count;
                done += count;
            }
            else if (count > 128 && at < data.Length)
            {
                count = Math.Min(257 - count, target.Length - done);
                target.Slice(done, count).Fill(data[at++]);
                done += count;
            }
        }

        return done;
    }

    private static int Inflate(ReadOnlyMemory<byte> data, Span<byte> target, DecodeGuard guard)
    {
        using var inflated = new ZLibStream(new PngDataStream(data, [Range.All]), CompressionMode.Decompress);
        try
        {
            int done = 0;
            while (done < target.Length)
            {
                guard.Tick();
                int read = inflated.Read(target.Slice(done, Math.Min(BytesATick, target.Length - done)));
                if (read == 0)
                {
                    break;
                }

                done += read;
            }

            return done;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new InvalidDataException("A tile or strip of the TIFF file is damaged: it is no zlib stream.", error);
        }
    }

    private static byte[] MakeReversed()
    {
        byte[] table = new byte[256];
        for (int i = 0; i < 256; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                table[i] |= (byte)(((i >> bit) & 1) << (7 - bit));
            }
        }

        return table;
    }
}
