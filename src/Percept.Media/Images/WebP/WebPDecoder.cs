namespace Percept.Media;

/// <summary>Decodes WebP: lossy, lossless, alpha, frames.</summary>
internal static class WebPDecoder
{
    private const string Kind = "WebP";

    internal static ImageCodec Codec { get; } = new(ImageFormat.WebP, WebPFile.Matches, Identify, Decode, Frames);

    private static ImageInfo Identify(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        WebPFile file = WebPFile.Parse(data.Span);
        guard.CheckPicture(Kind, file.Width, file.Height);
        return new ImageInfo(
            ImageFormat.WebP, file.Width, file.Height, Format(file), 8, file.HasAlpha, file.Frames.Count,
            file.Orientation);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> data, DecodeGuard guard, int threads)
    {
        WebPFile file = WebPFile.Parse(data.Span);
        guard.CheckPicture(Kind, file.Width, file.Height);
        if (file.IsAnimated)
        {
            Image first = new WebPAnimation(data, file, guard).Frames().First().Image;
            return new(file.HasAlpha ? first : first.Convert(PixelFormat.Rgb), file.Orientation);
        }

        return new(Picture(data.Span, file.Frames[0], Format(file), guard), file.Orientation);
    }

    private static IEnumerable<ImageFrame> Frames(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        WebPFile file = WebPFile.Parse(data.Span);
        guard.CheckPicture(Kind, file.Width, file.Height);
        return new WebPAnimation(data, file, guard).Frames();
    }

    /// <summary>Decodes one picture.</summary>
    /// <param name="data">The file.</param>
    /// <param name="frame">Its place in it; its size must be checked already.</param>
    /// <param name="format">RGB or RGBA.</param>
    /// <param name="guard">Ends long work.</param>
    internal static Image Picture(ReadOnlySpan<byte> data, WebPFrame frame, PixelFormat format, DecodeGuard guard)
    {
        ReadOnlySpan<byte> stream = data[frame.Image];
        Image image = Image.Uninitialized(frame.Width, frame.Height, format);
        if (frame.Lossless)
        {
            uint[] pixels = Vp8LDecoder.Decode(stream[Vp8LDecoder.HeaderBytes..], frame.Width, frame.Height, guard);
            Put(pixels.AsSpan(0, frame.Width * frame.Height), image);
            return image;
        }

        Vp8Decoder.Decode(stream, image.Pixels, image.Stride, format.Channels(), guard);
        if (format == PixelFormat.Rgba && frame.HasAlpha)
        {
            WebPAlpha.Decode(data[frame.Alpha], image, guard);
        }

        return image;
    }

    private static PixelFormat Format(WebPFile file) => file.HasAlpha ? PixelFormat.Rgba : PixelFormat.Rgb;

    /// <summary>Pixels with A, R, G, B from the highest byte as bytes R, G, B and A.</summary>
    private static void Put(ReadOnlySpan<uint> pixels, Image image)
    {
        Span<byte> target = image.Pixels;
        int channels = image.Format.Channels();
        int at = 0;
        foreach (uint pixel in pixels)
        {
            target[at + 2] = (byte)pixel;
            target[at + 1] = (byte)(pixel >> 8);
            target[at] = (byte)(pixel >> 16);
            if (channels == 4)
            {
                target[at + 3] = (byte)(pixel >> 24);
            }

            at += channels;
        }
    }
}
