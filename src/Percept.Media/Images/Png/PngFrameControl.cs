using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>One frame of an animated PNG: where it goes and how (fcTL), and where its data are.</summary>
internal sealed class PngFrameControl
{
    internal const int Bytes = 26;

    private PngFrameControl(int x, int y, int width, int height)
    {
        (X, Y, Width, Height) = (x, y, width, height);
    }

    internal int X { get; }

    internal int Y { get; }

    internal int Width { get; }

    internal int Height { get; }

    internal double DurationMilliseconds { get; private init; }

    /// <summary>What becomes of the frame's part of the canvas: 0 stays, 1 is cleared, 2 is what it was before.</summary>
    internal int Disposal { get; private init; }

    /// <summary>Whether the frame is blended over what is there (1), or replaces it (0).</summary>
    internal bool BlendsOver { get; private init; }

    /// <summary>The compressed data: parts of the file.</summary>
    internal List<Range> Data { get; } = [];

    internal static PngFrameControl Read(ReadOnlySpan<byte> data, in PngHeader header)
    {
        if (data.Length != Bytes)
        {
            throw new InvalidDataException($"The animated PNG file's fcTL has {data.Length} bytes, expected {Bytes}.");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
        uint x = BinaryPrimitives.ReadUInt32BigEndian(data[12..]);
        uint y = BinaryPrimitives.ReadUInt32BigEndian(data[16..]);
        if (width == 0 || height == 0 || (ulong)x + width > (ulong)header.Width || (ulong)y + height > (ulong)header.Height)
        {
            throw new InvalidDataException(
                $"A frame of {width}×{height} at ({x}, {y}) does not lie in the animated PNG file's " +
                $"{header.Width}×{header.Height} pixels.");
        }

        int numerator = BinaryPrimitives.ReadUInt16BigEndian(data[20..]);
        int denominator = BinaryPrimitives.ReadUInt16BigEndian(data[22..]);
        if (data[24] > 2 || data[25] > 1)
        {
            throw new InvalidDataException(
                $"A frame of the animated PNG file has disposal {data[24]} and blending {data[25]}; known are 0 to 2, 0 to 1.");
        }

        return new PngFrameControl((int)x, (int)y, (int)width, (int)height)
        {
            DurationMilliseconds = (double)numerator / (denominator == 0 ? 100 : denominator) * 1000,
            Disposal = data[24],
            BlendsOver = data[25] == 1,
        };
    }
}
