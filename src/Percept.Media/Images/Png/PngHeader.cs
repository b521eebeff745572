using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>What IHDR says.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngColor Color, bool Interlaced)
{
    internal const int Bytes = 13;

    /// <summary>Samples a pixel.</summary>
    internal int Channels => Color switch
    {
        PngColor.Gray or PngColor.Palette => 1,
        PngColor.GrayAlpha => 2,
        PngColor.Rgb => 3,
        _ => 4,
    };

    /// <summary>The distance that filters look back, in bytes.</summary>
    internal int FilterDistance => Math.Max(1, Channels * Depth / 8);

    /// <summary>The bytes of a row of some pixels, without its filter byte.</summary>
    internal long RowBytes(int pixels) => (((long)pixels * Channels * Depth) + 7) / 8;

    /// <summary>
    /// The bytes of all rows with their filter bytes, as inflated; of an interlaced picture at the least, since its passes
    /// have more rows.
    /// </summary>
    internal long InflatedBytes => (RowBytes(Width) + 1) * Height;

    /// <summary>Reads and checks the data of IHDR.</summary>
    internal static PngHeader Read(ReadOnlySpan<byte> data)
    {
        if (data.Length != Bytes)
        {
            throw new InvalidDataException($"The PNG file's IHDR has {data.Length} bytes, expected {Bytes}.");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new InvalidDataException(
                $"The PNG file says that it has {width}×{height} pixels; each side is 1 to {int.MaxValue}.");
        }

        (int depth, int color) = (data[8], data[9]);
        bool legal = color switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!legal)
        {
            throw new InvalidDataException($"The PNG file has colour type {color} with {depth} bits, which PNG does not know.");
        }

        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw new InvalidDataException(
                $"The PNG file has compression {data[10]}, filter method {data[11]} and interlace method {data[12]}; " +
                "known are 0, 0, and 0 or 1.");
        }

        return new PngHeader((int)width, (int)height, depth, (PngColor)color, data[12] == 1);
    }
}
