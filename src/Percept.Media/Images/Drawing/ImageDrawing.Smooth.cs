using System.Buffers;

namespace Percept.Media;

/// <content>Shapes with smooth edges.</content>
public sealed partial class ImageDrawing
{
    /// <summary>Samples of a pixel along each side; a pixel's edge has 17 steps.</summary>
    private const int Samples = 4;

    private const double FarthestPlace = 1 << 24;

    /// <summary>Fills a polygon with smooth edges.</summary>
    /// <param name="outline">Its corners in order, at least three; the last is joined to the first. Where the outline crosses itself,
    /// every other part is filled.</param>
    /// <param name="color">The colour.</param>
    /// <remarks>A pixel is covered by as many of its 4×4 samples as lie inside.</remarks>
    /// <exception cref="ArgumentException">There are fewer than three corners, or one is no finite place in reach.</exception>
    public void FillPolygon(ReadOnlySpan<ImagePoint> outline, ImageColor color)
    {
        if (outline.Length < 3)
        {
            throw new ArgumentException($"A polygon has at least 3 corners; {outline.Length} were given.", nameof(outline));
        }

        ImageBox bounds = Bounds(outline, 0);
        int top = Math.Max(0, (int)Math.Floor(bounds.Top)), bottom = Math.Min(_image.Height, (int)Math.Ceiling(bounds.Bottom));
        int left = Math.Max(0, (int)Math.Floor(bounds.Left)), right = Math.Min(_image.Width, (int)Math.Ceiling(bounds.Right));
        if (top >= bottom || left >= right)
        {
            return;
        }

        byte[] cover = ArrayPool<byte>.Shared.Rent(right - left);
        double[] crossings = ArrayPool<double>.Shared.Rent(outline.Length);
        int[] edges = ArrayPool<int>.Shared.Rent(outline.Length);
        for (int y = top; y < bottom; y++)
        {
            Span<byte> row = cover.AsSpan(0, right - left);
            row.Clear();
            Span<int> near = edges.AsSpan(0, EdgesOf(outline, y, edges));
            for (int sample = 0; sample < Samples; sample++)
            {
                int count = Crossings(outline, near, y + ((sample + 0.5) / Samples), crossings);
                for (int i = 0; i + 1 < count; i += 2)
                {
                    AddSamples(row, (crossings[i] - left) * Samples, (crossings[i + 1] - left) * Samples);
                }
            }

            Cover(y, left, row, Samples * Samples, color);
        }

        ArrayPool<int>.Shared.Return(edges);
        ArrayPool<double>.Shared.Return(crossings);
        ArrayPool<byte>.Shared.Return(cover);
    }

    /// <summary>Fills an ellipse with smooth edges.</summary>
    /// <param name="box">The box that it touches; nothing is drawn when its sides are not above 0.</param>
    /// <param name="color">The colour.</param>
    /// <exception cref="ArgumentException">A side is no finite place in reach.</exception>
    public void FillEllipse(ImageBox box, ImageColor color)
    {
        double across = (box.Right - box.Left) / 2, down = (box.Bottom - box.Top) / 2;
        if (across <= 0 || down <= 0)
        {
            return;
        }

        // Chords of a circle lie inside by r(1 − cos(π/n)): less than a fiftieth of a pixel.
        int corners = Math.Clamp((int)Math.Ceiling(16 * Math.Sqrt(Math.Max(across, down))), 16, 4096);
        ImagePoint[] outline = ArrayPool<ImagePoint>.Shared.Rent(corners);
        for (int i = 0; i < corners; i++)
        {
            (double sin, double cos) = Math.SinCos(Math.Tau * i / corners);
            outline[i] = new ImagePoint(box.Left + (across * (1 + cos)), box.Top + (down * (1 + sin)));
        }

        FillPolygon(outline.AsSpan(0, corners), color);
        ArrayPool<ImagePoint>.Shared.Return(outline);
    }

    /// <summary>Draws lines with smooth edges and round ends and corners, all as one shape: where they cross, a colour with alpha covers
    /// once.</summary>
    /// <param name="paths">The lines: places that are joined in order; a single place is a dot.</param>
    /// <param name="thickness">Pixels across, above 0.</param>
    /// <param name="color">The colour.</param>
    /// <exception cref="ArgumentOutOfRangeException">The thickness is not above 0, or no finite number in reach.</exception>
    /// <exception cref="ArgumentException">A place is no finite number in reach.</exception>
    public void Strokes(IReadOnlyList<ImagePoint[]> paths, double thickness, ImageColor color)
    {
        ArgumentNullException.ThrowIfNull(paths);
        double radius = thickness / 2;
        if (!(radius > 0) || radius > FarthestPlace)
        {
            throw new ArgumentOutOfRangeException(nameof(thickness), thickness, "The thickness must be above 0 and in reach.");
        }

        var all = new ImageBox(double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        foreach (ImagePoint[] path in paths)
        {
            ImageBox box = Bounds(path, radius + 1);
            all = new ImageBox(
                Math.Min(all.Left, box.Left), Math.Min(all.Top, box.Top),
                Math.Max(all.Right, box.Right), Math.Max(all.Bottom, box.Bottom));
        }

        int top = (int)Math.Max(0, Math.Floor(all.Top)), bottom = (int)Math.Min(_image.Height, Math.Ceiling(all.Bottom));
        int left = (int)Math.Max(0, Math.Floor(all.Left)), right = (int)Math.Min(_image.Width, Math.Ceiling(all.Right));
        if (top >= bottom || left >= right)
        {
            return;
        }

        int width = right - left;
        byte[] cover = ArrayPool<byte>.Shared.Rent(width * (bottom - top));
        cover.AsSpan(0, width * (bottom - top)).Clear();
        foreach (ImagePoint[] path in paths)
        {
            for (int i = 0; i < Math.Max(Math.Min(1, path.Length), path.Length - 1); i++)
            {
                CoverLine(cover, left, top, width, bottom - top, path[i], path[Math.Min(i + 1, path.Length - 1)], radius);
            }
        }

        for (int y = top; y < bottom; y++)
        {
            Cover(y, left, cover.AsSpan((y - top) * width, width), byte.MaxValue, color);
        }

        ArrayPool<byte>.Shared.Return(cover);
    }

    private static ImageBox Bounds(ReadOnlySpan<ImagePoint> places, double margin)
    {
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        foreach (ImagePoint place in places)
        {
            if (!(Math.Abs(place.X) <= FarthestPlace && Math.Abs(place.Y) <= FarthestPlace))
            {
                throw new ArgumentException($"A place is at ({place.X}, {place.Y}); places lie within ±{FarthestPlace}.", nameof(places));
            }

            left = Math.Min(left, place.X);
            right = Math.Max(right, place.X);
            top = Math.Min(top, place.Y);
            bottom = Math.Max(bottom, place.Y);
        }

        return new ImageBox(left - margin, top - margin, right + margin, bottom + margin);
    }

    /// <summary>The edges that reach into a row of pixels, by the corner that each ends at.</summary>
    private static int EdgesOf(ReadOnlySpan<ImagePoint> outline, int y, Span<int> edges)
    {
        int count = 0;
        double from = outline[^1].Y;
        for (int i = 0; i < outline.Length; i++)
        {
            double to = outline[i].Y;
            if (Math.Min(from, to) < y + 1 && Math.Max(from, to) > y)
            {
                edges[count++] = i;
            }

            from = to;
        }

        return count;
    }

    /// <summary>Where edges cross a line, from the left.</summary>
    private static int Crossings(ReadOnlySpan<ImagePoint> outline, ReadOnlySpan<int> edges, double y, Span<double> crossings)
    {
        int count = 0;
        foreach (int edge in edges)
        {
            ImagePoint from = outline[edge == 0 ? outline.Length - 1 : edge - 1], to = outline[edge];
            if ((from.Y <= y) == (to.Y <= y))
            {
                continue;
            }

            double x = from.X + ((y - from.Y) * (to.X - from.X) / (to.Y - from.Y));
            int at = count++;
            for (; at > 0 && crossings[at - 1] > x; at--)
            {
                crossings[at] = crossings[at - 1];
            }

            crossings[at] = x;
        }

        return count;
    }

    /// <summary>Counts the samples of a row between two places in samples.</summary>
    private static void AddSamples(Span<byte> row, double from, double to)
    {
        int begin = Math.Clamp((int)Math.Floor(from + 0.5), 0, row.Length * Samples);
        int end = Math.Clamp((int)Math.Floor(to + 0.5), 0, row.Length * Samples);
        while (begin < end)
        {
            int pixel = begin / Samples;
            int next = Math.Min(end, (pixel + 1) * Samples);
            row[pixel] += (byte)(next - begin);
            begin = next;
        }
    }

    private static void CoverLine(
        Span<byte> cover, int left, int top, int width, int height, ImagePoint from, ImagePoint to, double radius)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y;
        double squared = (dx * dx) + (dy * dy);
        double outer = radius + 0.5, inner = Math.Max(0, radius - 0.5);
        int firstY = Math.Max(0, (int)Math.Floor(Math.Min(from.Y, to.Y) - outer) - top);
        int lastY = Math.Min(height, (int)Math.Ceiling(Math.Max(from.Y, to.Y) + outer) - top);
        int firstX = Math.Max(0, (int)Math.Floor(Math.Min(from.X, to.X) - outer) - left);
        int lastX = Math.Min(width, (int)Math.Ceiling(Math.Max(from.X, to.X) + outer) - left);
        for (int y = firstY; y < lastY; y++)
        {
            double py = top + y + 0.5 - from.Y;
            for (int x = firstX; x < lastX; x++)
            {
                double px = left + x + 0.5 - from.X;
                double part = squared == 0 ? 0 : Math.Clamp(((px * dx) + (py * dy)) / squared, 0, 1);
                double awayX = px - (part * dx), awayY = py - (part * dy);
                double away = (awayX * awayX) + (awayY * awayY);
                if (away >= outer * outer)
                {
                    continue;
                }

                // A line thinner than a pixel never covers one wholly.
                double part255 = 255 * Math.Min(1, 2 * radius);
                byte value = (byte)(away <= inner * inner ? part255 : part255 * Math.Min(1, outer - Math.Sqrt(away)));
                ref byte cell = ref cover[(y * width) + x];
                cell = Math.Max(cell, value);
            }
        }
    }

    /// <summary>Covers pixels of a row in part.</summary>
    private void Cover(int y, int left, ReadOnlySpan<byte> parts, int whole, ImageColor color)
    {
        int channels = _image.Format.Channels();
        Span<byte> row = _image.Row(y)[(left * channels)..];
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == whole && color.Alpha == byte.MaxValue && channels == 3)
            {
                Span<byte> pixel = row.Slice(3 * i, 3);
                pixel[0] = color.Red;
                pixel[1] = color.Green;
                pixel[2] = color.Blue;
            }
            else if (parts[i] != 0)
            {
                Blend(row.Slice(i * channels, channels), color.WithAlpha((byte)(color.Alpha * parts[i] / whole)));
            }
        }
    }

    private static void Blend(Span<byte> pixel, ImageColor color)
    {
        if (pixel.Length == 4)
        {
            AlphaBlend.Composite([color.Red, color.Green, color.Blue, color.Alpha], pixel, 4);
            return;
        }

        pixel[0] = AlphaProduct.Divide255((pixel[0] * (255 - color.Alpha)) + (color.Red * color.Alpha) + 128);
        pixel[1] = AlphaProduct.Divide255((pixel[1] * (255 - color.Alpha)) + (color.Green * color.Alpha) + 128);
        pixel[2] = AlphaProduct.Divide255((pixel[2] * (255 - color.Alpha)) + (color.Blue * color.Alpha) + 128);
    }
}
