namespace Percept.Media;

/// <summary>
/// TIFF pictures: the first of the file, in strips or tiles, uncompressed, by LZW, Deflate or PackBits, or facsimile; bilevel, gray,
/// palette, RGB and CMYK with or without alpha.
/// </summary>
/// <remarks>
/// Source: TIFF Revision 6.0. The orientation is part of how TIFF lays out rows, so pictures are always upright.
/// </remarks>
internal static class TiffDecoder
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Tiff, TiffDirectory.Matches, Identify, Decode, ImageClips.OfOneFrame(Decode));

    private static ImageInfo Identify(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        var header = new TiffHeader(new TiffDirectory(file), guard);
        PixelFormat format = new TiffPixels(header).Format;
        bool alpha = format is PixelFormat.Rgba or PixelFormat.GrayAlpha;
        (int width, int height) = header.Orientation >= 5 ? (header.Height, header.Width) : (header.Width, header.Height);
        return new ImageInfo(ImageFormat.Tiff, width, height, format, header.Bits, alpha, 1, 1);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> file, DecodeGuard guard, int threads)
    {
        var header = new TiffHeader(new TiffDirectory(file), guard);
        var pixels = new TiffPixels(header);
        bool differences = header.Predictor != 1 && header.Compression is TiffHeader.Lzw or TiffHeader.Deflate or TiffHeader.OldDeflate;
        if (differences && header.Predictor != 2)
        {
            throw new NotSupportedException($"The TIFF file has predictor {header.Predictor}; decoded are 1 and 2.");
        }

        int planes = header.Planar ? header.Samples : 1;
        long tileBytes = header.TileRowBytes * header.TileHeight;
        TiffTiles.CheckAmount(file, header, tileBytes);
        if (tileBytes * planes > Array.MaxLength || (header.Planar && planes > 1 && header.Bits is not (8 or 16)))
        {
            throw new NotSupportedException($"The TIFF file has tiles of {tileBytes} bytes in {planes} planes, which are not decoded.");
        }

        Image image = Image.Uninitialized(header.Width, header.Height, pixels.Format, pixels.Palette());
        file = TiffTiles.InBitOrder(file, header);
        byte[] tile = new byte[tileBytes * planes];
        byte[] mixed = planes > 1 ? new byte[header.TileRowBytes * planes] : [];
        for (int index = 0; index < header.TilesAcross * header.TilesDown; index++)
        {
            guard.Tick();
            int left = index % header.TilesAcross * header.TileWidth;
            int top = index / header.TilesAcross * header.TileHeight;
            int rows = Math.Min(header.TileHeight, header.Height - top);
            int usedBytes = (int)(header.TileRowBytes * (header.Tiled ? header.TileHeight : rows));
            for (int plane = 0; plane < planes; plane++)
            {
                Span<byte> data = tile.AsSpan((int)(plane * tileBytes), usedBytes);
                TiffTiles.Decode(file, header, (plane * header.TilesAcross * header.TilesDown) + index, data, guard);
                for (int y = 0; differences && y < rows; y++)
                {
                    pixels.UndoPredictor(data.Slice((int)(y * header.TileRowBytes), (int)header.TileRowBytes));
                }
            }

            for (int y = 0; y < rows; y++)
            {
                ReadOnlySpan<byte> row = planes > 1
                    ? Mix(tile, header, (int)tileBytes, y, mixed)
                    : tile.AsSpan((int)(y * header.TileRowBytes), (int)header.TileRowBytes);
                int width = Math.Min(header.TileWidth, header.Width - left);
                int bytes = image.Format.BytesPerPixel();
                pixels.Convert(row, image.Row(top + y).Slice(left * bytes, width * bytes));
            }
        }

        return image.Oriented(header.Orientation);
    }

    /// <summary>A row of samples side by side from planes that hold one sample each.</summary>
    private static Span<byte> Mix(byte[] tile, TiffHeader header, int planeBytes, int y, byte[] mixed)
    {
        int size = header.Bits / 8;
        int rowBytes = (int)header.TileRowBytes;
        for (int plane = 0; plane < header.Samples; plane++)
        {
            ReadOnlySpan<byte> from = tile.AsSpan((plane * planeBytes) + (y * rowBytes), rowBytes);
            for (int i = 0; i < rowBytes; i++)
            {
                mixed[(i / size * size * header.Samples) + (plane * size) + (i % size)] = from[i];
            }
        }

        return mixed;
    }
}
