using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>What a BMP file says before its pixels.</summary>
internal sealed record BmpHeader
{
    internal const int FileHeaderBytes = 14;
    internal const int Raw = 0;
    internal const int Rle8 = 1;
    internal const int Rle4 = 2;
    internal const int BitFields = 3;

    private const int CoreHeaderBytes = 12;
    private const int GreatestPalette = 65536;

    internal required int Width { get; init; }

    internal required int Height { get; init; }

    internal required bool TopDown { get; init; }

    internal required int Bits { get; init; }

    internal required int Compression { get; init; }

    /// <summary>Where each of red, green, blue, alpha is in a pixel of 16 or 32 bits.</summary>
    internal uint[] Masks { get; init; } = [];

    /// <summary>Where the palette begins.</summary>
    internal required int PaletteOffset { get; init; }

    /// <summary>Bytes a colour: 3 in the oldest files, else 4; blue first.</summary>
    internal required int ColorBytes { get; init; }

    internal required int Colors { get; init; }

    /// <summary>Where the pixels begin.</summary>
    internal required long PixelOffset { get; init; }

    /// <summary>Whether pixels have an alpha channel.</summary>
    internal bool HasAlpha => Masks.Length == 4 && Masks[3] != 0;

    /// <summary>The bytes of a row of uncompressed pixels; a multiple of 4.</summary>
    internal long RowBytes => (((long)Width * Bits) + 31) / 32 * 4;

    internal static BmpHeader Read(ReadOnlySpan<byte> file, DecodeGuard guard)
    {
        if (file.Length < FileHeaderBytes + 4)
        {
            throw CutOff();
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(file[FileHeaderBytes..]);
        if (size is not (CoreHeaderBytes or 40 or 52 or 56 or 64 or 108 or 124))
        {
            throw new NotSupportedException(
                $"The BMP file has a header of {size} bytes; known are 12, 40, 52, 56, 64, 108 and 124.");
        }

        if (file.Length < FileHeaderBytes + size)
        {
            throw CutOff();
        }

        BmpHeader header = size == CoreHeaderBytes ? ReadCore(file) : ReadInfo(file, (int)size);
        guard.CheckPicture("BMP", header.Width, header.Height);
        return header;
    }

    internal static InvalidDataException CutOff() => new("The BMP file ends before its last pixel; it is cut off.");

    private static BmpHeader ReadCore(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> data = file[(FileHeaderBytes + 4)..];
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(data[6..]);
        CheckDepth(bits, Raw);
        return Place(
            new BmpHeader
            {
                Width = BinaryPrimitives.ReadUInt16LittleEndian(data),
                Height = BinaryPrimitives.ReadUInt16LittleEndian(data[2..]),
                TopDown = false,
                Bits = bits,
                Compression = Raw,
                Masks = DefaultMasks(bits),
                PaletteOffset = FileHeaderBytes + CoreHeaderBytes,
                ColorBytes = 3,
                Colors = bits <= 8 ? 1 << bits : 0,
                PixelOffset = 0,
            },
            file,
            CoreHeaderBytes);
    }

    private static BmpHeader ReadInfo(ReadOnlySpan<byte> file, int size)
    {
        ReadOnlySpan<byte> data = file.Slice(FileHeaderBytes, size);
        int width = BinaryPrimitives.ReadInt32LittleEndian(data[4..]);
        int height = BinaryPrimitives.ReadInt32LittleEndian(data[8..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(data[14..]);
        uint compression = BinaryPrimitives.ReadUInt32LittleEndian(data[16..]);
        uint colors = BinaryPrimitives.ReadUInt32LittleEndian(data[32..]);
        if (compression > BitFields)
        {
            throw new NotSupportedException(
                $"The BMP file has compression {compression}; decoded are 0 (none), 1 and 2 (RLE) and 3 (bit fields).");
        }

        CheckDepth(bits, (int)compression);
        if (bits <= 8 && colors > GreatestPalette)
        {
            throw new InvalidDataException($"The BMP file has a palette of {colors} colours, more than {GreatestPalette}.");
        }

        (uint[] masks, int behind) = compression == BitFields ? ReadMasks(file, size) : (DefaultMasks(bits), 0);
        return Place(
            new BmpHeader
            {
                Width = width,
                Height = height == int.MinValue ? 0 : Math.Abs(height),
                TopDown = height < 0,
                Bits = bits,
                Compression = (int)compression,
                Masks = masks,
                PaletteOffset = FileHeaderBytes + size + behind,
                ColorBytes = 4,
                Colors = bits > 8 ? 0 : colors == 0 ? 1 << bits : (int)colors,
                PixelOffset = 0,
            },
            file,
            size);
    }

    /// <summary>Finds the pixels; old writers gave the palette's place as theirs, or none.</summary>
    private static BmpHeader Place(BmpHeader header, ReadOnlySpan<byte> file, int size)
    {
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        long palette = (long)header.Colors * header.ColorBytes;
        if (offset == 0)
        {
            offset = header.PaletteOffset + palette;
        }
        else if (offset == FileHeaderBytes + size && header.Bits <= 8)
        {
            offset += palette;
        }

        return header with { PixelOffset = offset };
    }

    private static void CheckDepth(int bits, int compression)
    {
        bool legal = compression switch
        {
            Rle8 => bits == 8,
            Rle4 => bits == 4,
            BitFields => bits is 16 or 24 or 32,
            _ => bits is 1 or 2 or 4 or 8 or 16 or 24 or 32,
        };
        if (!legal)
        {
            throw new NotSupportedException($"The BMP file has {bits} bits a pixel with compression {compression}, which is not decoded.");
        }
    }

    // The masks are the last part of long headers, and follow the short one.
    private static (uint[] Masks, int Behind) ReadMasks(ReadOnlySpan<byte> file, int size)
    {
        int at = FileHeaderBytes + 40;
        int count = size >= 56 ? 4 : 3;
        if (file.Length < at + (4 * count))
        {
            throw CutOff();
        }

        uint[] masks = new uint[count];
        for (int i = 0; i < count; i++)
        {
            masks[i] = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + (4 * i))..]);
        }

        if (masks.All(static mask => mask == 0))
        {
            masks = [0xFF0000, 0xFF00, 0xFF, 0xFF000000];
        }

        return (masks, size == 40 ? 12 : 0);
    }

    private static uint[] DefaultMasks(int bits) => bits switch
    {
        16 => [0x7C00, 0x3E0, 0x1F],
        24 or 32 => [0xFF0000, 0xFF00, 0xFF],
        _ => [],
    };
}
