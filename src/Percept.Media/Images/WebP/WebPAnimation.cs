namespace Percept.Media;

/// <summary>Composes the frames of a WebP file on its canvas, as libwebp's animation decoder does.</summary>
internal sealed class WebPAnimation(ReadOnlyMemory<byte> data, WebPFile file, DecodeGuard guard)
{
    internal IEnumerable<ImageFrame> Frames()
    {
        // What is there before a frame, with the place of the frame before cleared if it asks for that.
        var below = new Image(file.Width, file.Height, PixelFormat.Rgba);
        WebPFrame? previous = null;
        bool previousIsKey = false;
        for (int i = 0; i < file.Frames.Count; i++)
        {
            WebPFrame frame = file.Frames[i];
            guard.CountFrame("WebP", i, file.Width, file.Height);
            guard.Tick();
            bool isKey = IsKey(frame, previous, previousIsKey);
            Image canvas = isKey ? new Image(file.Width, file.Height, PixelFormat.Rgba) : below.Clone();
            Image picture = WebPDecoder.Picture(data.Span, frame, PixelFormat.Rgba, guard);
            Put(picture, frame, canvas);
            if (frame.Blends && !isKey)
            {
                Blend(frame, canvas, below, previous!.Clears ? previous : null);
            }

            below = canvas.Clone();
            if (frame.Clears)
            {
                Clear(below, frame);
            }

            previous = frame;
            previousIsKey = isKey;
            yield return new ImageFrame(file.HasAlpha ? canvas : Opaque(canvas), frame.DurationMilliseconds);
        }
    }

    /// <summary>Whether a frame stands alone: nothing of the frames before can be seen.</summary>
    private bool IsKey(WebPFrame frame, WebPFrame? previous, bool previousIsKey) =>
        previous is null
        || ((!frame.HasAlpha || !frame.Blends) && Covers(frame))
        || (previous.Clears && (Covers(previous) || previousIsKey));

    private bool Covers(WebPFrame frame) => frame.Width == file.Width && frame.Height == file.Height;

    private static void Put(Image picture, WebPFrame frame, Image canvas)
    {
        for (int y = 0; y < frame.Height; y++)
        {
            picture.Row(y).CopyTo(canvas.Row(frame.Y + y)[(4 * frame.X)..]);
        }
    }

    /// <summary>Lays a frame over what is below it, but for the place that was cleared: there it stays.</summary>
    private static void Blend(WebPFrame frame, Image canvas, Image below, WebPFrame? cleared)
    {
        int end = frame.X + frame.Width;
        for (int y = frame.Y; y < frame.Y + frame.Height; y++)
        {
            Span<byte> over = canvas.Row(y);
            ReadOnlySpan<byte> under = below.Row(y);
            int first = end, second = end;
            if (cleared is not null && y >= cleared.Y && y < cleared.Y + cleared.Height)
            {
                first = Math.Clamp(cleared.X, frame.X, end);
                second = Math.Clamp(cleared.X + cleared.Width, frame.X, end);
            }

            Blend(over[(4 * frame.X)..(4 * first)], under[(4 * frame.X)..(4 * first)]);
            Blend(over[(4 * second)..(4 * end)], under[(4 * second)..(4 * end)]);
        }
    }

    /// <summary>Lays pixels over others in place.</summary>
    private static void Blend(Span<byte> over, ReadOnlySpan<byte> under)
    {
        for (int i = 0; i < over.Length; i += 4)
        {
            uint alpha = over[i + 3];
            if (alpha == 255)
            {
                continue;
            }

            if (alpha == 0)
            {
                under.Slice(i, 4).CopyTo(over[i..]);
                continue;
            }

            uint rest = (under[i + 3] * (256 - alpha)) >> 8;
            uint total = alpha + rest;
            uint scale = (1u << 24) / total;
            for (int c = i; c < i + 3; c++)
            {
                over[c] = (byte)((((over[c] * alpha) + (under[c] * rest)) * (ulong)scale) >> 24);
            }

            over[i + 3] = (byte)total;
        }
    }

    private static void Clear(Image canvas, WebPFrame frame)
    {
        for (int y = frame.Y; y < frame.Y + frame.Height; y++)
        {
            canvas.Row(y).Slice(4 * frame.X, 4 * frame.Width).Clear();
        }
    }

    private static Image Opaque(Image canvas)
    {
        Span<byte> pixels = canvas.Pixels;
        for (int i = 3; i < pixels.Length; i += 4)
        {
            pixels[i] = 255;
        }

        return canvas;
    }
}
