namespace Percept.Media;

/// <summary>Decodes the pixels of a PNG picture or of one frame.</summary>
internal static class PngPixels
{
    /// <summary>First column, first row, column step, row step of Adam7's passes.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] s_passes =
    [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ];

    /// <summary>Decodes a picture of the file's colours and of the given size.</summary>
    internal static Image Decode(
        ReadOnlyMemory<byte> file, PngFile png, int width, int height, IReadOnlyList<Range> data, DecodeGuard guard)
    {
        PngHeader header = png.Header with { Width = width, Height = height };
        CheckAmount(header, data, file.Length);
        var expansion = new PngExpansion(png);
        var image = Image.Uninitialized(width, height, expansion.Format, Palette(png), PngExpansion.TransparentColor(png));
        using var rows = new PngRows(file, data, header.RowBytes(width));
        if (header.Interlaced)
        {
            DecodeInterlaced(header, expansion, rows, image, guard);
        }
        else
        {
            DecodePlain(header, expansion, rows, image, guard);
        }

        rows.Finish();
        return image;
    }

    /// <summary>Refuses pictures whose data cannot possibly hold their pixels, before memory is taken.</summary>
    private static void CheckAmount(in PngHeader header, IReadOnlyList<Range> data, int fileLength)
    {
        long stored = 0;
        foreach (Range range in data)
        {
            stored += range.GetOffsetAndLength(fileLength).Length;
        }

        long needed = header.InflatedBytes;
        if (needed / PngRows.GreatestRatio > stored || needed > Array.MaxLength * 2L)
        {
            throw new InvalidDataException(
                $"The PNG file announces {header.Width}×{header.Height} pixels ({needed} bytes), but has only {stored} bytes of data.");
        }
    }

    private static ImagePalette? Palette(PngFile png)
    {
        if (png.Header.Color != PngColor.Palette)
        {
            return null;
        }

        int count = png.Colors.Length / 3;
        byte[] rgba = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            png.Colors.AsSpan(3 * i, 3).CopyTo(rgba.AsSpan(4 * i));
            rgba[(4 * i) + 3] = i < png.Transparency.Length ? png.Transparency[i] : (byte)255;
        }

        return new ImagePalette(rgba, png.Transparency.Length > 0);
    }

    private static void DecodePlain(in PngHeader header, PngExpansion expansion, PngRows rows, Image image, DecodeGuard guard)
    {
        int bytes = (int)header.RowBytes(header.Width);
        int distance = header.FilterDistance;

        // Rows that are wanted as stored are undone right into the picture, others into two rows that take turns.
        byte[] current = expansion.IsCopy ? [] : new byte[bytes];
        byte[] above = expansion.IsCopy ? [] : new byte[bytes];
        for (int y = 0; y < header.Height; y++)
        {
            guard.Tick();
            ReadOnlySpan<byte> row = rows.Next(bytes + 1);
            if (expansion.IsCopy)
            {
                Span<byte> target = image.Row(y);
                PngFilters.Undo(row[0], row[1..], y == 0 ? default : image.Row(y - 1), target, distance);
                expansion.Check(target);
            }
            else
            {
                PngFilters.Undo(row[0], row[1..], y == 0 ? default : above, current, distance);
                expansion.Expand(current, image.Row(y));
                (current, above) = (above, current);
            }
        }
    }

    private static void DecodeInterlaced(
        in PngHeader header, PngExpansion expansion, PngRows rows, Image image, DecodeGuard guard)
    {
        int longest = (int)header.RowBytes(header.Width);
        int pixelBytes = image.Format.BytesPerPixel();
        byte[] current = new byte[longest];
        byte[] above = new byte[longest];
        byte[] expanded = new byte[image.Stride];
        foreach ((int x0, int y0, int stepX, int stepY) in s_passes)
        {
            int width = (header.Width - x0 + stepX - 1) / stepX;
            if (width <= 0)
            {
                continue;
            }

            int bytes = (int)header.RowBytes(width);
            for (int y = y0; y < header.Height; y += stepY)
            {
                guard.Tick();
                ReadOnlySpan<byte> row = rows.Next(bytes + 1);
                Span<byte> target = current.AsSpan(0, bytes);
                PngFilters.Undo(row[0], row[1..], y == y0 ? default : above.AsSpan(0, bytes), target, header.FilterDistance);
                Span<byte> samples = expanded.AsSpan(0, width * pixelBytes);
                expansion.Expand(target, samples);
                Scatter(samples, image.Row(y)[(x0 * pixelBytes)..], pixelBytes, stepX * pixelBytes);
                (current, above) = (above, current);
            }
        }
    }

    private static void Scatter(ReadOnlySpan<byte> samples, Span<byte> target, int pixelBytes, int step)
    {
        for (int s = 0, t = 0; s < samples.Length; s += pixelBytes, t += step)
        {
            for (int b = 0; b < pixelBytes; b++)
            {
                target[t + b] = samples[s + b];
            }
        }
    }
}
