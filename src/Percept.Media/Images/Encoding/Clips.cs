namespace Percept.Media;

/// <summary>A part of a frame.</summary>
internal readonly record struct ClipRectangle(int X, int Y, int Width, int Height);

/// <summary>What the writers of animations share.</summary>
internal static class Clips
{
    /// <summary>Checks that there are frames and that all have one size.</summary>
    internal static void Check(IReadOnlyList<ImageFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0)
        {
            throw new ArgumentException("A clip has at least one frame; none was given.", nameof(frames));
        }

        Image first = frames[0].Image;
        foreach (ImageFrame frame in frames)
        {
            if (frame.Image.Width != first.Width || frame.Image.Height != first.Height)
            {
                throw new ArgumentException(
                    $"All frames of a clip have one size; {frame.Image.Width}×{frame.Image.Height} follows " +
                    $"{first.Width}×{first.Height}.",
                    nameof(frames));
            }
        }
    }

    /// <summary>Whether no pixel lets anything shine through.</summary>
    internal static bool IsOpaque(Image image)
    {
        if (image.Format is not (PixelFormat.Rgba or PixelFormat.GrayAlpha))
        {
            return image.TransparentColor is null && image.Palette is not { HasAlpha: true };
        }

        int step = image.Format.BytesPerPixel();
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = step - 1; i < pixels.Length; i += step)
        {
            if (pixels[i] != 255)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The smallest part that holds all changes; one pixel when nothing changed.</summary>
    internal static ClipRectangle Changed(Image before, Image after)
    {
        int top = 0;
        while (top < after.Height && before.Row(top).SequenceEqual(after.Row(top)))
        {
            top++;
        }

        if (top == after.Height)
        {
            return new ClipRectangle(0, 0, 1, 1);
        }

        int bottom = after.Height - 1;
        while (before.Row(bottom).SequenceEqual(after.Row(bottom)))
        {
            bottom--;
        }

        int bytes = after.Format.BytesPerPixel();
        int left = after.Width;
        int right = 0;
        for (int y = top; y <= bottom; y++)
        {
            ReadOnlySpan<byte> old = before.Row(y);
            ReadOnlySpan<byte> row = after.Row(y);
            int same = old.CommonPrefixLength(row);
            if (same == row.Length)
            {
                continue;
            }

            left = Math.Min(left, same / bytes);
            int last = row.Length - 1;
            while (old[last] == row[last])
            {
                last--;
            }

            right = Math.Max(right, last / bytes);
        }

        return new ClipRectangle(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>A part as a picture.</summary>
    internal static Image Cut(Image image, ClipRectangle part)
    {
        if (part.Width == image.Width && part.Height == image.Height)
        {
            return image;
        }

        int bytes = image.Format.BytesPerPixel();
        Image cut = Image.Uninitialized(part.Width, part.Height, image.Format, image.Palette, image.TransparentColor);
        for (int y = 0; y < part.Height; y++)
        {
            image.Row(part.Y + y).Slice(part.X * bytes, part.Width * bytes).CopyTo(cut.Row(y));
        }

        return cut;
    }
}
