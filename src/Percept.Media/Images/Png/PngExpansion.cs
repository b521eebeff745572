using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Turns a row as PNG stores it into the samples of an <see cref="Image"/>.</summary>
internal sealed class PngExpansion
{
    private readonly PngHeader _header;
    private readonly int _colors;
    private readonly ulong _key;
    private readonly byte[] _unpacked;

    internal PngExpansion(PngFile png)
    {
        _header = png.Header;
        _colors = png.Colors.Length / 3;
        Format = FormatOf(png);
        if (Format == PixelFormat.Rgba && _header.Color == PngColor.Rgb)
        {
            ReadOnlySpan<byte> key = png.Transparency;
            _key = Key(key);
        }

        _unpacked = _header.Depth < 8 ? MakeUnpacking(_header) : [];
    }

    /// <summary>The pixel format that rows become.</summary>
    internal PixelFormat Format { get; }

    /// <summary>Whether rows are stored as they are wanted.</summary>
    internal bool IsCopy => _header.Depth == 8;

    /// <summary>The pixel format that a file decodes to.</summary>
    internal static PixelFormat FormatOf(PngFile png) => (png.Header.Color, png.Header.Depth) switch
    {
        (PngColor.Gray, 1) => PixelFormat.Bit,
        (PngColor.Gray, 16) => PixelFormat.Gray16,
        (PngColor.Gray, _) => PixelFormat.Gray,
        (PngColor.Palette, _) => PixelFormat.Palette,
        (PngColor.GrayAlpha, 8) => PixelFormat.GrayAlpha,

        // Only the high bytes are kept, so the key must be looked for before.
        (PngColor.Rgb, 16) when png.Transparency.Length > 0 => PixelFormat.Rgba,
        (PngColor.Rgb, _) => PixelFormat.Rgb,
        _ => PixelFormat.Rgba,
    };

    /// <summary>The colour that means "transparent", in the range of the decoded samples; null when there is none.</summary>
    internal static IReadOnlyList<int>? TransparentColor(PngFile png)
    {
        ReadOnlySpan<byte> data = png.Transparency;
        if (data.IsEmpty)
        {
            return null;
        }

        int mask = (1 << png.Header.Depth) - 1;
        return (png.Header.Color, png.Header.Depth) switch
        {
            (PngColor.Gray, 16) => [BinaryPrimitives.ReadUInt16BigEndian(data)],
            (PngColor.Gray, _) => [(BinaryPrimitives.ReadUInt16BigEndian(data) & mask) * (255 / mask)],
            (PngColor.Rgb, 8) => [data[1], data[3], data[5]],
            _ => null,
        };
    }

    /// <summary>Checks the indices of a row that was copied.</summary>
    internal void Check(ReadOnlySpan<byte> row)
    {
        if (_header.Color == PngColor.Palette && _colors < 256)
        {
            CheckIndex(Greatest(row));
        }
    }

    /// <summary>Expands a row.</summary>
    internal void Expand(ReadOnlySpan<byte> row, Span<byte> target)
    {
        switch (_header.Depth)
        {
            case 8:
                row[..target.Length].CopyTo(target);
                Check(target);
                break;
            case 16:
                Expand16(row, target);
                break;
            default:
                Unpack(row, target);
                break;
        }
    }

    private void Expand16(ReadOnlySpan<byte> row, Span<byte> target)
    {
        switch (_header.Color)
        {
            case PngColor.Gray:
                ReadOnlySpan<ushort> stored = MemoryMarshal.Cast<byte, ushort>(row);
                Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(target);
                if (BitConverter.IsLittleEndian)
                {
                    BinaryPrimitives.ReverseEndianness(stored, wide);
                }
                else
                {
                    stored.CopyTo(wide);
                }

                break;
            case PngColor.GrayAlpha:
                for (int s = 0, t = 0; t < target.Length; s += 4, t += 4)
                {
                    target.Slice(t, 3).Fill(row[s]);
                    target[t + 3] = row[s + 2];
                }

                break;
            case PngColor.Rgb when Format == PixelFormat.Rgba:
                for (int s = 0, t = 0; t < target.Length; s += 6, t += 4)
                {
                    target[t] = row[s];
                    target[t + 1] = row[s + 2];
                    target[t + 2] = row[s + 4];
                    target[t + 3] = Key(row.Slice(s, 6)) == _key ? (byte)0 : (byte)255;
                }

                break;
            default:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = row[2 * i];
                }

                break;
        }
    }

    private static ulong Key(ReadOnlySpan<byte> six) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(six) << 16) | BinaryPrimitives.ReadUInt16BigEndian(six[4..]);

    /// <summary>Samples of 1, 2 and 4 bits: all samples of a byte from a table.</summary>
    private void Unpack(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int samples = 8 / _header.Depth;
        int whole = target.Length / samples;
        for (int i = 0; i < whole; i++)
        {
            _unpacked.AsSpan(row[i] * samples, samples).CopyTo(target[(i * samples)..]);
        }

        int left = target.Length - (whole * samples);
        if (left > 0)
        {
            _unpacked.AsSpan(row[whole] * samples, left).CopyTo(target[(whole * samples)..]);
        }

        if (_header.Color == PngColor.Palette && _colors < 1 << _header.Depth)
        {
            CheckIndex(Greatest(target));
        }
    }

    private static byte Greatest(ReadOnlySpan<byte> row)
    {
        byte greatest = 0;
        if (row.Length >= Vector<byte>.Count)
        {
            Vector<byte> all = Vector<byte>.Zero;
            int i = 0;
            for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
            {
                all = Vector.Max(all, new Vector<byte>(row[i..]));
            }

            for (int lane = 0; lane < Vector<byte>.Count; lane++)
            {
                greatest = Math.Max(greatest, all[lane]);
            }

            row = row[i..];
        }

        foreach (byte index in row)
        {
            greatest = Math.Max(greatest, index);
        }

        return greatest;
    }

    private void CheckIndex(byte index)
    {
        if (index >= _colors)
        {
            throw new InvalidDataException($"The PNG file has palette index {index}, but only {_colors} colours.");
        }
    }

    private static byte[] MakeUnpacking(in PngHeader header)
    {
        int depth = header.Depth;
        int samples = 8 / depth;
        int mask = (1 << depth) - 1;
        int scale = header.Color == PngColor.Palette ? 1 : 255 / mask;
        byte[] table = new byte[256 * samples];
        for (int i = 0; i < table.Length; i++)
        {
            int shift = 8 - depth - (i % samples * depth);
            table[i] = (byte)((((i / samples) >> shift) & mask) * scale);
        }

        return table;
    }
}
