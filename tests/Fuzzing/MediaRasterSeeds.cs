using System.Buffers.Binary;
using System.IO.Compression;
using Percept.Media;

namespace Percept.TestSupport;

/// <summary>Small valid PNG, GIF, BMP, PNM and TIFF files, and the fuzz targets that start from them.</summary>
public static class MediaRasterSeeds
{
    private const long MaxAllocation = 48L << 20;

    private static readonly ImageDecodeOptions s_small = new()
    {
        Limits = new MediaLimits { MaxPixels = 250_000, MaxTotalPixels = 1_000_000, MaxFrames = 64 },
    };

    /// <summary>One target a format; animations have their own, and PNG one more with right checksums.</summary>
    public static IReadOnlyList<FuzzTarget> Targets { get; } =
    [
        new("png", Png, DecodeAll, MaxAllocation),
        new("png with right checksums", Png, static data => DecodeAll(WithChecksums(data)), MaxAllocation),
        new("apng with right checksums", Apng, static data => DecodeAll(WithChecksums(data)), MaxAllocation),
        new("gif", Gif, DecodeAll, MaxAllocation),
        new("bmp", Bmp, DecodeAll, MaxAllocation),
        new("pnm", Pnm, DecodeAll, MaxAllocation),
        new("tiff", Tiff, DecodeAll, MaxAllocation),
    ];

    /// <summary>A picture of smooth colours with some noise.</summary>
    public static Image Picture(int width, int height, PixelFormat format, int seed = 1)
    {
        var random = new Random(seed);
        var image = new Image(width, height, PixelFormat.Rgba);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                row[4 * x] = (byte)((x * 255 / width) + random.Next(8));
                row[(4 * x) + 1] = (byte)((y * 255 / height) + random.Next(8));
                row[(4 * x) + 2] = (byte)((x * y) + seed);
                row[(4 * x) + 3] = (byte)(x % 5 == 0 ? random.Next(256) : 255);
            }
        }

        return format == PixelFormat.Palette ? ColorQuantizer.Quantize(image, 16) : image.Convert(format);
    }

    /// <summary>Some frames of which parts change.</summary>
    public static IReadOnlyList<ImageFrame> Clip(int frames, int width, int height, PixelFormat format = PixelFormat.Rgba)
    {
        var clip = new List<ImageFrame>();
        Image image = Picture(width, height, format);
        for (int i = 0; i < frames; i++)
        {
            Image next = Image.From(width, height, format, image.Pixels);
            next.Row((3 * i) % height)[..(4 * Math.Min(5, next.Stride / 4))].Fill((byte)(40 * i));
            clip.Add(new ImageFrame(next, 10 * (i + 1)));
            image = next;
        }

        return clip;
    }

    /// <summary>PNG files of all pixel formats.</summary>
    public static IReadOnlyList<byte[]> Png() =>
    [
        PngEncoder.Encode(Picture(7, 5, PixelFormat.Rgb)),
        PngEncoder.Encode(Picture(6, 4, PixelFormat.Rgba)),
        PngEncoder.Encode(Picture(9, 3, PixelFormat.Bit)),
        PngEncoder.Encode(Picture(5, 5, PixelFormat.Palette)),
        PngEncoder.Encode(Picture(5, 5, PixelFormat.Gray16)),
        PngEncoder.Encode(Picture(5, 5, PixelFormat.GrayAlpha)),
        Interlaced(),
    ];

    /// <summary>Animated PNG files.</summary>
    public static IReadOnlyList<byte[]> Apng()
    {
        using var opaque = new MemoryStream();
        PngEncoder.Encode(Clip(3, 8, 6, PixelFormat.Rgb), opaque);
        using var output = new MemoryStream();
        PngEncoder.Encode(Clip(4, 6, 6), output);
        return [opaque.ToArray(), output.ToArray()];
    }

    /// <summary>GIF files, still and animated.</summary>
    public static IReadOnlyList<byte[]> Gif()
    {
        using var output = new MemoryStream();
        GifEncoder.Encode(Clip(4, 9, 7), output);
        return [GifEncoder.Encode(Picture(12, 9, PixelFormat.Rgb)), output.ToArray()];
    }

    /// <summary>BMP files: 24 bits, 4 bits, bit fields, RLE.</summary>
    public static IReadOnlyList<byte[]> Bmp() =>
    [
        BmpFile(4, 3, 24, 0, [], [], [.. Enumerable.Range(0, 36).Select(static i => (byte)(7 * i))]),
        BmpFile(5, 2, 4, 0, [], Colors(16), [0x01, 0x23, 0x40, 0, 0x54, 0x32, 0x10, 0]),
        BmpFile(3, 2, 32, 3, [0xFF0000, 0xFF00, 0xFF], [], [.. Enumerable.Range(0, 24).Select(static i => (byte)(11 * i))]),
        BmpFile(3, 2, 16, 0, [], [], [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0]),
        BmpFile(6, 3, 8, 1, [], Colors(256), [4, 9, 0, 0, 0, 3, 1, 2, 3, 0, 3, 7, 0, 0, 0, 2, 1, 0, 5, 8, 0, 1]),
        BmpFile(6, 2, 4, 2, [], Colors(16), [6, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 1, 0x60, 0, 1]),
    ];

    /// <summary>A BMP file with a header of 40 bytes.</summary>
    public static byte[] BmpFile(int width, int height, int bits, int compression, uint[] masks, byte[] colors, byte[] pixels)
    {
        byte[] head = new byte[54 + (4 * masks.Length)];
        "BM"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(2), head.Length + colors.Length + pixels.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(10), head.Length + colors.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(22), height);
        head[26] = 1;
        head[28] = (byte)bits;
        head[30] = (byte)compression;
        for (int i = 0; i < masks.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(54 + (4 * i)), masks[i]);
        }

        return [.. head, .. colors, .. pixels];
    }

    /// <summary>PNM files of all kinds.</summary>
    public static IReadOnlyList<byte[]> Pnm() =>
    [
        "P1\n# a comment\n3 2\n1 0 1\n010\n"u8.ToArray(),
        "P2 3 2 15\n1 2 3 4 5 15\n"u8.ToArray(),
        "P3 2 1 1000\n0 500 1000  7 8 9\n"u8.ToArray(),
        [.. "P4 9 2\n"u8, 0x80, 0x80, 0x01, 0],
        [.. "P5 3 2 255\n"u8, 1, 2, 3, 4, 5, 6],
        [.. "P5 2 1 65535\n"u8, 1, 2, 3, 4],
        [.. "P6 2 2 100\n"u8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        [.. "Pf 1 2 -1.0\n"u8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40],
    ];

    /// <summary>TIFF files: strips, tiles, planes, both byte orders, all compressions.</summary>
    public static IReadOnlyList<byte[]> Tiff() =>
    [
        TiffFile(true, 4, 2, 2, 3, 8, 1, [.. Enumerable.Range(0, 24).Select(static i => (byte)(9 * i))]),
        TiffFile(false, 3, 2, 1, 1, 16, 1, [0, 1, 0, 200, 2, 0, 3, 0, 255, 255, 0, 0]),
        TiffFile(true, 9, 2, 0, 1, 1, 1, [0xAA, 0x80, 0x55, 0x00]),
        TiffFile(true, 4, 2, 2, 3, 8, 8, Deflated([.. Enumerable.Range(0, 24).Select(static i => (byte)i)]), 2),
        TiffFile(false, 8, 1, 1, 1, 8, 32773, [3, 1, 2, 3, 4, 253, 9]),
        TiffFile(true, 4, 1, 1, 1, 8, 5, [0x80, 0x00, 0x40, 0x40, 0x30, 0x24, 0x04, 0x04]),
        TiffFile(true, 2, 2, 5, 4, 8, 1, [.. Enumerable.Range(0, 16).Select(static i => (byte)(3 * i))]),
        TiffFile(true, 3, 2, 2, 3, 8, 1, [.. Enumerable.Range(0, 18).Select(static i => (byte)(3 * i))], 1, 2),
    ];

    /// <summary>A TIFF file of one strip, or one strip a sample when planar is 2.</summary>
    public static byte[] TiffFile(
        bool little, int width, int height, int photometric, int samples, int bits, int compression, byte[] data,
        int predictor = 1, int planar = 1, int orientation = 1)
    {
        var entries = new List<(int Tag, int Type, int[] Values)>
        {
            (256, 4, [width]),
            (257, 4, [height]),
            (258, 3, [.. Enumerable.Repeat(bits, samples)]),
            (259, 3, [compression]),
            (262, 3, [photometric]),
            (273, 4, new int[planar == 2 ? samples : 1]),
            (274, 3, [orientation]),
            (277, 3, [samples]),
            (278, 4, [height]),
            (279, 4, [.. Enumerable.Repeat(data.Length / (planar == 2 ? samples : 1), planar == 2 ? samples : 1)]),
            (284, 3, [planar]),
            (317, 3, [predictor]),
        };
        int directoryBytes = 8 + 2 + (12 * entries.Count) + 4;
        int extra = entries.Sum(entry => entry.Values.Length * (entry.Type == 3 ? 2 : 4) is > 4 and var size ? size : 0);
        int start = directoryBytes + extra;
        for (int i = 0; i < entries[5].Values.Length; i++)
        {
            entries[5].Values[i] = start + (i * (data.Length / entries[5].Values.Length));
        }

        byte[] file = new byte[start + data.Length];
        data.CopyTo(file, start);
        (little ? "II"u8 : "MM"u8).CopyTo(file);
        Put16(2, 42);
        Put32(4, 8);
        Put16(8, entries.Count);
        int at = 10;
        int behind = directoryBytes;
        foreach ((int tag, int type, int[] values) in entries)
        {
            int size = type == 3 ? 2 : 4;
            bool inside = values.Length * size <= 4;
            Put16(at, tag);
            Put16(at + 2, type);
            Put32(at + 4, values.Length);
            int place = inside ? at + 8 : behind;
            if (!inside)
            {
                Put32(at + 8, behind);
                behind += values.Length * size;
            }

            for (int i = 0; i < values.Length; i++)
            {
                if (size == 2)
                {
                    Put16(place + (2 * i), values[i]);
                }
                else
                {
                    Put32(place + (4 * i), values[i]);
                }
            }

            at += 12;
        }

        return file;

        void Put16(int place, int value)
        {
            file[place] = (byte)(little ? value : value >> 8);
            file[place + 1] = (byte)(little ? value >> 8 : value);
        }

        void Put32(int place, int value)
        {
            Put16(place, little ? value : value >> 16);
            Put16(place + 2, little ? value >> 16 : value);
        }
    }

    /// <summary>The zlib stream of some bytes.</summary>
    public static byte[] Deflated(byte[] data)
    {
        using var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(data);
        }

        return output.ToArray();
    }

    /// <summary>A PNG chunk with its checksum.</summary>
    public static byte[] Chunk(string type, params ReadOnlySpan<byte> data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Checksum(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    /// <summary>A PNG file of some chunks.</summary>
    public static byte[] PngOfChunks(params IEnumerable<byte[]> chunks) =>
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. chunks.SelectMany(static chunk => chunk)];

    /// <summary>The data of IHDR.</summary>
    public static byte[] Header(int width, int height, int depth, int color, bool interlaced = false)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)color, (byte)(interlaced ? 1 : 0));
        return header;
    }

    /// <summary>Decodes the still picture and all frames.</summary>
    public static void DecodeAll(byte[] data)
    {
        ImageInfo info = ImageDecoder.Identify(data, s_small);
        Image image = ImageDecoder.Decode(data, s_small);
        if (image.Format != info.Format)
        {
            throw new InvalidOperationException($"Identified as {info.Format}, decoded as {image.Format}.");
        }

        _ = image.Convert(PixelFormat.Rgb);
        foreach (ImageFrame frame in ImageDecoder.DecodeFrames(data, s_small))
        {
            _ = frame.Image.Pixels.Length;
        }
    }

    /// <summary>A PNG file with the checksums of all chunks mended, so that mutations reach behind them.</summary>
    private static byte[] WithChecksums(byte[] file)
    {
        byte[] mended = [.. file];
        int at = 8;
        while (at + 12 <= mended.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(mended.AsSpan(at));
            if (length > mended.Length - at - 12)
            {
                break;
            }

            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(mended.AsSpan(end), Checksum(mended.AsSpan(at + 4, 4 + (int)length)));
            at = end + 4;
        }

        return mended;
    }

    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            }
        }

        return ~crc;
    }

    private static byte[] Interlaced()
    {
        // 3×3 gray: passes of 1, 0, 0, 1, 1×2, 1×2 and 3 pixels.
        byte[] rows = [0, 10, 0, 20, 0, 30, 40, 0, 50, 0, 60, 1, 1, 1, 1];
        return PngOfChunks(
            Chunk("IHDR", Header(3, 3, 8, 0, interlaced: true)), Chunk("IDAT", Deflated(rows)), Chunk("IEND"));
    }

    private static byte[] Colors(int count)
    {
        byte[] colors = new byte[4 * count];
        for (int i = 0; i < count; i++)
        {
            (colors[4 * i], colors[(4 * i) + 1], colors[(4 * i) + 2]) = ((byte)(3 * i), (byte)(255 - i), (byte)(i * i));
        }

        return colors;
    }
}
