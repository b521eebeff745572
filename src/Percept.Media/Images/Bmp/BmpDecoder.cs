namespace Percept.Media;

/// <summary>Windows and OS/2 bitmaps: 1 to 32 bits, RLE, bit fields, rows from the bottom or from the top.</summary>
/// <remarks>
/// Fields of fewer than 8 bits widen by v·255/max, rounded down. The fourth byte of 32-bit pixels is alpha only where a
/// mask says so. Indices without a colour are black.
/// </remarks>
internal static class BmpDecoder
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Bmp, static file => file.StartsWith("BM"u8), Identify, Decode, ImageClips.OfOneFrame(Decode));

    private static ImageInfo Identify(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        BmpHeader header = BmpHeader.Read(file.Span, guard);
        ImagePalette? palette = header.Bits <= 8 ? ReadPalette(header, file.Span) : null;
        return new ImageInfo(
            ImageFormat.Bmp, header.Width, header.Height, FormatOf(header, palette), Math.Min(header.Bits, 8), header.HasAlpha, 1, 1);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> file, DecodeGuard guard, int threads)
    {
        ReadOnlySpan<byte> span = file.Span;
        BmpHeader header = BmpHeader.Read(span, guard);
        ImagePalette? palette = header.Bits <= 8 ? ReadPalette(header, span) : null;
        bool runs = header.Compression is BmpHeader.Rle8 or BmpHeader.Rle4;
        long needed = runs ? 0 : header.PixelBytes;
        if (header.PixelOffset > span.Length || needed > span.Length - header.PixelOffset)
        {
            throw BmpHeader.CutOff();
        }

        PixelFormat format = FormatOf(header, palette);
        var image = new Image(header.Width, header.Height, format)
        {
            Palette = format == PixelFormat.Palette ? palette : null,
        };
        if (runs)
        {
            BmpRuns.Decode(span, header, image, guard);
            return image;
        }

        ReadOnlySpan<byte> pixels = span[(int)header.PixelOffset..];
        for (int y = 0; y < header.Height; y++)
        {
            guard.Tick();
            ReadOnlySpan<byte> row = pixels[(int)(y * header.RowBytes)..];
            DecodeRow(header, row, image.Row(header.TopDown ? y : header.Height - 1 - y), format);
        }

        return image;
    }

    private static PixelFormat FormatOf(BmpHeader header, ImagePalette? palette)
    {
        if (palette is null)
        {
            return header.HasAlpha ? PixelFormat.Rgba : PixelFormat.Rgb;
        }

        // Palettes of all grays in order are gray pictures.
        int scale = palette.Count == 2 && header.Bits == 1 ? 255 : 1;
        ReadOnlySpan<byte> rgba = palette.Rgba;
        for (int i = 0; i < palette.Count; i++)
        {
            int gray = i * scale;
            if (rgba[4 * i] != gray || rgba[(4 * i) + 1] != gray || rgba[(4 * i) + 2] != gray)
            {
                return PixelFormat.Palette;
            }
        }

        return palette.Count == 2 && header.Bits == 1 ? PixelFormat.Bit
            : palette.Count == 256 ? PixelFormat.Gray
            : PixelFormat.Palette;
    }

    private static ImagePalette ReadPalette(BmpHeader header, ReadOnlySpan<byte> file)
    {
        // Longer palettes than indices can reach exist; shorter ones than announced too, when the pixels follow at once.
        ReadOnlySpan<byte> stored = file[Math.Min(header.PaletteOffset, file.Length)..];
        int count = Math.Min(Math.Min(header.Colors, 256), stored.Length / header.ColorBytes);
        byte[] rgba = new byte[4 * count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> color = stored.Slice(i * header.ColorBytes, 3);
            rgba[4 * i] = color[2];
            rgba[(4 * i) + 1] = color[1];
            rgba[(4 * i) + 2] = color[0];
            rgba[(4 * i) + 3] = 255;
        }

        return new ImagePalette(rgba, false);
    }

    private static void DecodeRow(BmpHeader header, ReadOnlySpan<byte> row, Span<byte> target, PixelFormat format)
    {
        switch (header.Bits)
        {
            case 8:
                row[..target.Length].CopyTo(target);
                break;
            case < 8:
                int mask = (1 << header.Bits) - 1;
                int scale = format == PixelFormat.Bit ? 255 : 1;
                for (int x = 0; x < target.Length; x++)
                {
                    int bit = x * header.Bits;
                    target[x] = (byte)(((row[bit >> 3] >> (8 - header.Bits - (bit & 7))) & mask) * scale);
                }

                break;
            case 24 when header.Masks is [0xFF0000, 0xFF00, 0xFF, ..]:
                for (int i = 0; i < target.Length; i += 3)
                {
                    target[i] = row[i + 2];
                    target[i + 1] = row[i + 1];
                    target[i + 2] = row[i];
                }

                break;
            default:
                DecodeFields(header, row, target);
                break;
        }
    }

    private static void DecodeFields(BmpHeader header, ReadOnlySpan<byte> row, Span<byte> target)
    {
        int bytes = header.Bits / 8;
        int channels = header.HasAlpha ? 4 : 3;
        Span<int> shifts = stackalloc int[4];
        Span<uint> greatest = stackalloc uint[4];
        for (int c = 0; c < channels; c++)
        {
            uint mask = header.Masks[c];
            shifts[c] = mask == 0 ? 0 : System.Numerics.BitOperations.TrailingZeroCount(mask);
            greatest[c] = Math.Max(1, mask >> shifts[c]);
        }

        for (int t = 0, s = 0; t < target.Length; t += channels, s += bytes)
        {
            uint pixel = 0;
            for (int b = bytes - 1; b >= 0; b--)
            {
                pixel = (pixel << 8) | row[s + b];
            }

            for (int c = 0; c < channels; c++)
            {
                ulong value = (pixel & header.Masks[c]) >> shifts[c];
                target[t + c] = (byte)(value * 255 / greatest[c]);
            }
        }
    }
}
