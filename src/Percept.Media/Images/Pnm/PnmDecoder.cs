using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Portable bitmaps, graymaps and pixmaps (P1 to P6), and gray float maps (Pf).</summary>
/// <remarks>
/// Samples are scaled to 255, gray ones of more than 8 bits to 65535, rounded to the even neighbour at halves. In bitmaps
/// 1 is black.
/// </remarks>
internal static class PnmDecoder
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Pnm, PnmHeader.Matches, Identify, Decode, ImageClips.OfOneFrame(Decode));

    private static ImageInfo Identify(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        PnmHeader header = PnmHeader.Read(file.Span, guard);
        int bits = header.Format == PixelFormat.Bit ? 1 : 8 * header.SampleBytes;
        return new ImageInfo(ImageFormat.Pnm, header.Width, header.Height, header.Format, bits, false, 1, 1);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> file, DecodeGuard guard, int threads)
    {
        ReadOnlySpan<byte> span = file.Span;
        PnmHeader header = PnmHeader.Read(span, guard);
        if (header.LeastBytes > span.Length - header.Offset)
        {
            throw new InvalidDataException(
                $"The PNM file needs at least {header.LeastBytes} bytes for {header.Width}×{header.Height} pixels, " +
                $"but has {span.Length - header.Offset}; it is cut off.");
        }

        Image image = Image.Uninitialized(header.Width, header.Height, header.Format);
        if (header.IsText)
        {
            DecodeText(span, header, image, guard);
            return image;
        }

        ReadOnlySpan<byte> pixels = span[header.Offset..];
        int rowBytes = (int)(header.LeastBytes / header.Height);
        int[] scaled = header.Kind is '4' or 'f' ? [] : Scaled(header);
        for (int y = 0; y < header.Height; y++)
        {
            guard.Tick();
            ReadOnlySpan<byte> row = pixels.Slice(y * rowBytes, rowBytes);
            switch (header.Kind)
            {
                case '4':
                    DecodeBits(row, image.Row(y));
                    break;
                case 'f':
                    DecodeFloats(row, header, image.Row(header.Height - 1 - y));
                    break;
                default:
                    DecodeSamples(row, header, scaled, image.Row(y));
                    break;
            }
        }

        return image;
    }

    /// <summary>What each stored sample becomes; binary files may have samples over the greatest, which are clipped.</summary>
    private static int[] Scaled(in PnmHeader header)
    {
        int top = header.Format == PixelFormat.Gray32 ? 65535 : 255;
        int[] scaled = new int[header.SampleBytes == 1 ? 256 : 65536];
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = (int)Math.Min(top, Math.Round((double)i / header.Greatest * top, MidpointRounding.ToEven));
        }

        return scaled;
    }

    private static void DecodeBits(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (int x = 0; x < target.Length; x++)
        {
            target[x] = (row[x >> 3] & (128 >> (x & 7))) == 0 ? (byte)255 : (byte)0;
        }
    }

    private static void DecodeFloats(ReadOnlySpan<byte> row, in PnmHeader header, Span<byte> target)
    {
        ReadOnlySpan<int> from = MemoryMarshal.Cast<byte, int>(row);
        Span<int> to = MemoryMarshal.Cast<byte, int>(target);
        if (header.Scale < 0 == BitConverter.IsLittleEndian)
        {
            from.CopyTo(to);
        }
        else
        {
            BinaryPrimitives.ReverseEndianness(from, to);
        }
    }

    private static void DecodeSamples(ReadOnlySpan<byte> row, in PnmHeader header, int[] scaled, Span<byte> target)
    {
        if (header.Greatest == 255)
        {
            row.CopyTo(target);
        }
        else if (header.Format == PixelFormat.Gray32)
        {
            Span<int> wide = MemoryMarshal.Cast<byte, int>(target);
            for (int i = 0; i < wide.Length; i++)
            {
                wide[i] = scaled[BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..])];
            }
        }
        else
        {
            int bytes = header.SampleBytes;
            for (int i = 0; i < target.Length; i++)
            {
                int stored = bytes == 1 ? row[i] : BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]);
                target[i] = (byte)scaled[stored];
            }
        }
    }

    private static void DecodeText(ReadOnlySpan<byte> file, in PnmHeader header, Image image, DecodeGuard guard)
    {
        var reader = new PnmReader(file, header.Offset);
        int[] scaled = header.Kind == '1' ? [] : Scaled(header);
        for (int y = 0; y < header.Height; y++)
        {
            guard.Tick();
            Span<byte> row = image.Row(y);
            Span<int> wide = header.Format == PixelFormat.Gray32 ? MemoryMarshal.Cast<byte, int>(row) : default;
            int samples = wide.IsEmpty ? row.Length : wide.Length;
            for (int i = 0; i < samples; i++)
            {
                if (header.Kind == '1')
                {
                    row[i] = reader.Bit() == 0 ? (byte)255 : (byte)0;
                    continue;
                }

                int value = reader.Number();
                if (value > header.Greatest)
                {
                    throw new InvalidDataException($"The PNM file has a sample {value} over its greatest, {header.Greatest}.");
                }

                if (wide.IsEmpty)
                {
                    row[i] = (byte)scaled[value];
                }
                else
                {
                    wide[i] = scaled[value];
                }
            }
        }
    }
}
