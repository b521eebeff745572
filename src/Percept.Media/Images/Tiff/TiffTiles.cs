using System.Buffers;
using System.IO.Compression;

namespace Percept.Media;

/// <summary>Decompresses tiles and strips.</summary>
internal static class TiffTiles
{
    private static readonly byte[] s_reversed = MakeReversed();

    /// <summary>Decompresses one tile or strip.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">The picture.</param>
    /// <param name="index">Which.</param>
    /// <param name="target">Gets its rows; all of them must be in the data.</param>
    internal static void Decode(ReadOnlyMemory<byte> file, TiffHeader header, int index, Span<byte> target)
    {
        ReadOnlyMemory<byte> data = Data(file, header, index);
        byte[]? turned = null;
        if (header.ReversedBits)
        {
            turned = ArrayPool<byte>.Shared.Rent(data.Length);
            for (int i = 0; i < data.Length; i++)
            {
                turned[i] = s_reversed[data.Span[i]];
            }

            data = turned.AsMemory(0, data.Length);
        }

        int done = header.Compression switch
        {
            TiffHeader.NoCompression => Copy(data.Span, target),
            TiffHeader.Lzw => TiffLzw.Decode(data.Span, target),
            TiffHeader.PackBits => UnpackBits(data.Span, target),
            _ => Inflate(data, target),
        };
        if (turned is not null)
        {
            ArrayPool<byte>.Shared.Return(turned);
        }

        if (done < target.Length)
        {
            throw new InvalidDataException(
                $"A tile or strip of the TIFF file has {done} bytes, expected {target.Length}; it is cut off or damaged.");
        }
    }

    /// <summary>Refuses sizes that the data cannot hold, before memory is taken.</summary>
    internal static void CheckAmount(ReadOnlyMemory<byte> file, TiffHeader header, long tileBytes)
    {
        long ratio = header.Compression switch
        {
            TiffHeader.NoCompression => 1,
            TiffHeader.PackBits => 64,
            TiffHeader.Lzw => 4096,
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
    private static int UnpackBits(ReadOnlySpan<byte> data, Span<byte> target)
    {
        int at = 0;
        int done = 0;
        while (done < target.Length && at < data.Length)
        {
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

    private static int Inflate(ReadOnlyMemory<byte> data, Span<byte> target)
    {
        using var inflated = new ZLibStream(new PngDataStream(data, [Range.All]), CompressionMode.Decompress);
        try
        {
            return inflated.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
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
