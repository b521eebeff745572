namespace Percept.Media;

/// <summary>Decodes the alpha stream that stands beside a lossy picture.</summary>
/// <remarks>Source: RFC 9649, section 2.7.1.2.</remarks>
internal static class WebPAlpha
{
    private const int Lossless = 1;

    private enum Filter
    {
        None,
        Horizontal,
        Vertical,
        Gradient,
    }

    /// <summary>Sets the alpha of a picture.</summary>
    /// <param name="stream">The stream with its head.</param>
    /// <param name="image">An RGBA picture.</param>
    /// <param name="guard">Ends long work.</param>
    /// <exception cref="InvalidDataException">The stream is broken or cut off.</exception>
    internal static void Decode(ReadOnlySpan<byte> stream, Image image, DecodeGuard guard)
    {
        int head = stream.IsEmpty ? 0xFF : stream[0];
        int compression = head & 3;
        if (compression > Lossless || ((head >> 4) & 3) > 1 || head >> 6 != 0)
        {
            throw WebPFile.Broken($"its alpha stream begins with {head:x2}");
        }

        stream = stream[1..];
        int width = image.Width, height = image.Height;
        if (compression == Lossless)
        {
            uint[] pixels = Vp8LDecoder.Decode(stream, width, height, guard);
            Span<byte> target = image.Pixels;
            for (int i = 0; i < width * height; i++)
            {
                target[(4 * i) + 3] = (byte)(pixels[i] >> 8);
            }
        }
        else
        {
            if (stream.Length < width * height)
            {
                throw WebPFile.Broken($"its alpha stream has {stream.Length} bytes, expected {width}×{height}");
            }

            Span<byte> target = image.Pixels;
            for (int i = 0; i < width * height; i++)
            {
                target[(4 * i) + 3] = stream[i];
            }
        }

        Undo((Filter)((head >> 2) & 3), image);
    }

    /// <summary>Adds the predictions of a filter.</summary>
    private static void Undo(Filter filter, Image image)
    {
        if (filter == Filter.None)
        {
            return;
        }

        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> row = image.Row(y);

            // The first row has only its left neighbours.
            ReadOnlySpan<byte> above = y == 0 ? default : image.Row(y - 1);
            Filter used = y == 0 ? Filter.Horizontal : filter;
            int left = y == 0 ? 0 : above[3];
            int corner = left;
            for (int x = 3; x < row.Length; x += 4)
            {
                int top = y == 0 ? 0 : above[x];
                int guess = used switch
                {
                    Filter.Horizontal => left,
                    Filter.Vertical => top,
                    _ => Math.Clamp(left + top - corner, 0, 255),
                };
                row[x] = (byte)(row[x] + guess);
                left = row[x];
                corner = top;
            }
        }
    }
}
