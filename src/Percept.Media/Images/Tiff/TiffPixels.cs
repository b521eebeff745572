using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Turns rows of TIFF samples into the samples of an <see cref="Image"/>.</summary>
internal sealed class TiffPixels
{
    private readonly TiffHeader _header;
    private readonly bool _inverts;
    private readonly bool _premultiplied;

    internal TiffPixels(TiffHeader header)
    {
        _header = header;
        (int colors, Format) = Choose(header);
        _premultiplied = Format == PixelFormat.Rgba && header.Samples > colors && header.Extra is [1, ..];
        _inverts = header.Photometric == TiffHeader.WhiteIsZero && header.Bits <= 8;
    }

    internal PixelFormat Format { get; }

    /// <summary>The palette; null for other pictures. Its 16-bit samples keep their high byte.</summary>
    internal ImagePalette? Palette()
    {
        if (_header.Photometric != TiffHeader.Palette)
        {
            return null;
        }

        int count = 1 << _header.Bits;
        byte[] rgba = new byte[4 * count];
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                rgba[(4 * i) + c] = (byte)(_header.Colors[(c * count) + i] / 256);
            }

            rgba[(4 * i) + 3] = 255;
        }

        return new ImagePalette(rgba, false);
    }

    /// <summary>Undoes the difference to the pixel on the left.</summary>
    internal void UndoPredictor(Span<byte> row)
    {
        int samples = _header.Planar ? 1 : _header.Samples;
        switch (_header.Bits)
        {
            case 8:
                for (int i = samples; i < row.Length; i++)
                {
                    row[i] += row[i - samples];
                }

                break;
            case 16:
                for (int i = 2 * samples; i + 1 < row.Length; i += 2)
                {
                    WriteShort(row[i..], (ushort)(ReadShort(row[i..]) + ReadShort(row[(i - (2 * samples))..])));
                }

                break;
            default:
                throw new NotSupportedException($"The TIFF file has differences of {_header.Bits}-bit samples, which are not decoded.");
        }
    }

    /// <summary>Converts the first pixels of a row of interleaved samples.</summary>
    internal void Convert(ReadOnlySpan<byte> row, Span<byte> target)
    {
        switch (Format)
        {
            case PixelFormat.Gray16 when _header.Bits == 12:
                Unpack12(row, MemoryMarshal.Cast<byte, ushort>(target));
                break;
            case PixelFormat.Gray16:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(target);
                for (int i = 0; i < shorts.Length; i++)
                {
                    shorts[i] = ReadShort(row[(2 * i)..]);
                }

                break;
            case PixelFormat.Gray32 or PixelFormat.GrayFloat:
                Span<int> wide = MemoryMarshal.Cast<byte, int>(target);
                for (int i = 0; i < wide.Length; i++)
                {
                    wide[i] = _header.Bits == 16 ? (short)ReadShort(row[(2 * i)..]) : ReadInt(row[(4 * i)..]);
                }

                break;
            default:
                ConvertBytes(row, target);
                break;
        }
    }

    private static (int Colors, PixelFormat Format) Choose(TiffHeader header)
    {
        int bits = header.Bits;
        bool plain = header.SampleFormat == 1;
        bool bytes = plain && bits is 8 or 16;
        bool hasAlpha = header.Samples > 3 && (header.Extra.Length == 0 || header.Extra[0] is 1 or 2 or 999);
        return (header.Photometric, header.Samples) switch
        {
            (TiffHeader.WhiteIsZero or TiffHeader.BlackIsZero, 1) => (1, GrayFormat(header)),
            (TiffHeader.BlackIsZero, 2) when plain && bits == 8 && header.Extra is [2] => (1, PixelFormat.GrayAlpha),
            (TiffHeader.Rgb, >= 3) when bytes => (3, hasAlpha ? PixelFormat.Rgba : PixelFormat.Rgb),
            (TiffHeader.Palette, 1) when plain && bits is 1 or 2 or 4 or 8 => (1, PixelFormat.Palette),
            (TiffHeader.Palette, 2) when plain && bits == 8 && header.Extra is [0] => (1, PixelFormat.Palette),
            (TiffHeader.Cmyk, >= 4) when bytes => (4, PixelFormat.Cmyk),
            (TiffHeader.YCbCr, 1) when plain && bits == 8 => (1, PixelFormat.Gray),
            _ => throw Unknown(header),
        };
    }

    private static PixelFormat GrayFormat(TiffHeader header) => (header.Bits, header.SampleFormat) switch
    {
        (1, 1) => PixelFormat.Bit,
        (2 or 4 or 8, 1) or (8, 2) => PixelFormat.Gray,
        (12 or 16, 1) => PixelFormat.Gray16,
        (16, 2) or (32, 1 or 2) => PixelFormat.Gray32,
        (32, 3) => PixelFormat.GrayFloat,
        _ => throw Unknown(header),
    };

    private static NotSupportedException Unknown(TiffHeader header) => new(
        $"The TIFF file has colours of kind {header.Photometric} in {header.Samples} samples of {header.Bits} bits " +
        $"(sample format {header.SampleFormat}), which are not decoded; write it as PNG.");

    private void ConvertBytes(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int channels = Format.BytesPerPixel();
        int pixels = target.Length / channels;
        if (_header.Bits < 8)
        {
            Unpack(row, target);
        }
        else
        {
            // Of 16-bit samples the high byte is kept.
            int size = _header.Bits / 8;
            int high = size == 2 && _header.LittleEndian ? 1 : 0;
            int step = _header.Samples * size;
            for (int p = 0; p < pixels; p++)
            {
                for (int c = 0; c < channels; c++)
                {
                    target[(p * channels) + c] = row[(p * step) + (c * size) + high];
                }
            }
        }

        if (_inverts)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = (byte)~target[i];
            }
        }

        if (_premultiplied)
        {
            Divide(target);
        }
    }

    /// <summary>Colours that were multiplied by alpha are divided by it.</summary>
    private static void Divide(Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int alpha = pixels[i + 3];
            if (alpha == 0)
            {
                pixels.Slice(i, 4).Clear();
            }
            else if (alpha < 255)
            {
                for (int c = 0; c < 3; c++)
                {
                    pixels[i + c] = (byte)Math.Min(255, pixels[i + c] * 255 / alpha);
                }
            }
        }
    }

    private void Unpack(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int bits = _header.Bits;
        int mask = (1 << bits) - 1;
        int scale = Format == PixelFormat.Palette ? 1 : 255 / mask;
        for (int x = 0; x < target.Length; x++)
        {
            int bit = x * bits;
            target[x] = (byte)(((row[bit >> 3] >> (8 - bits - (bit & 7))) & mask) * scale);
        }
    }

    private static void Unpack12(ReadOnlySpan<byte> row, Span<ushort> target)
    {
        for (int x = 0; x < target.Length; x++)
        {
            int at = x * 3 / 2;
            target[x] = (ushort)(x % 2 == 0 ? (row[at] << 4) | (row[at + 1] >> 4) : ((row[at] & 15) << 8) | row[at + 1]);
        }
    }

    private ushort ReadShort(ReadOnlySpan<byte> at) => _header.LittleEndian
        ? BinaryPrimitives.ReadUInt16LittleEndian(at)
        : BinaryPrimitives.ReadUInt16BigEndian(at);

    private void WriteShort(Span<byte> at, ushort value)
    {
        if (_header.LittleEndian)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(at, value);
        }
    }

    private int ReadInt(ReadOnlySpan<byte> at) => _header.LittleEndian
        ? BinaryPrimitives.ReadInt32LittleEndian(at)
        : BinaryPrimitives.ReadInt32BigEndian(at);
}
