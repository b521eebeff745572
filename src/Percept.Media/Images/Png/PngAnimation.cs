namespace Percept.Media;

/// <summary>Composes the frames of an animated PNG on its canvas.</summary>
internal sealed class PngAnimation(ReadOnlyMemory<byte> file, PngFile png, DecodeGuard guard, Image? still)
{
    private const int Clear = 1;
    private const int Restore = 2;

    internal IEnumerable<ImageFrame> Frames()
    {
        if (png.Frames.Count < png.AnnouncedFrames)
        {
            throw new InvalidDataException(
                $"The animated PNG file announces {png.AnnouncedFrames} frames and has {png.Frames.Count}; it is cut off.");
        }

        Image canvas = Copy(still) ?? new Image(png.Header.Width, png.Header.Height, PixelFormat.Rgba);
        int counted = still is null ? 0 : 1;
        for (int i = 0; i < png.AnnouncedFrames; i++)
        {
            guard.CountFrame("animated PNG", i + counted, canvas.Width, canvas.Height);
            PngFrameControl frame = png.Frames[i];
            Image picture = PngPixels.Decode(file, png, frame.Width, frame.Height, frame.Data, guard);
            uint cleared = ClearColor(picture);
            picture = picture.Convert(PixelFormat.Rgba);

            // There is nothing to go back to before the very first picture.
            int disposal = frame.Disposal == Restore && i + counted == 0 ? Clear : frame.Disposal;
            bool blends = frame.BlendsOver && i + counted > 0;
            Image? before = disposal == Restore && !Stays(frame, blends) ? Copy(canvas) : null;
            Put(picture, frame, canvas, blends);
            Image shown = Copy(canvas)!;
            if (before is not null)
            {
                canvas = before;
            }
            else if (disposal == Clear)
            {
                Fill(canvas, frame, cleared);
            }

            yield return new ImageFrame(shown, frame.DurationMilliseconds);
        }
    }

    /// <summary>
    /// Whether a frame stays although it asks for what was there before: one that covers the canvas and is blended over it
    /// does so in Pillow 13.0, which is followed here; the standard would go back.
    /// </summary>
    private bool Stays(PngFrameControl frame, bool blends) =>
        blends && frame.Width == png.Header.Width && frame.Height == png.Header.Height;

    private static Image? Copy(Image? image) =>
        image is null ? null : Image.From(image.Width, image.Height, image.Format, image.Pixels);

    /// <summary>What samples of zero look like: transparent only in pictures with alpha, else black or the first colour.</summary>
    private static uint ClearColor(Image picture)
    {
        var zero = new Image(1, 1, picture.Format) { Palette = picture.Palette, TransparentColor = picture.TransparentColor };
        return BitConverter.ToUInt32(zero.Convert(PixelFormat.Rgba).Pixels);
    }

    private static void Put(Image picture, PngFrameControl frame, Image canvas, bool blends)
    {
        for (int y = 0; y < frame.Height; y++)
        {
            ReadOnlySpan<byte> from = picture.Row(y);
            Span<byte> to = canvas.Row(frame.Y + y).Slice(frame.X * 4, frame.Width * 4);
            if (!blends)
            {
                from.CopyTo(to);
                continue;
            }

            for (int i = 0; i < from.Length; i += 4)
            {
                int alpha = from[i + 3];
                for (int c = 0; c < 4; c++)
                {
                    to[i + c] = Mix(to[i + c], from[i + c], alpha);
                }
            }
        }
    }

    /// <summary>Pillow's paste with a mask: alpha is mixed like the colours.</summary>
    private static byte Mix(int below, int above, int alpha)
    {
        int sum = (below * (255 - alpha)) + (above * alpha) + 128;
        return (byte)(((sum >> 8) + sum) >> 8);
    }

    private static void Fill(Image canvas, PngFrameControl frame, uint color)
    {
        for (int y = 0; y < frame.Height; y++)
        {
            Span<byte> row = canvas.Row(frame.Y + y).Slice(frame.X * 4, frame.Width * 4);
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(row).Fill(color);
        }
    }
}
