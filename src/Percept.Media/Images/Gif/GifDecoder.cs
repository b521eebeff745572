namespace Percept.Media;

/// <summary>GIF pictures and animations.</summary>
/// <remarks>Source: Graphics Interchange Format, Version 89a; composition as in Pillow 13.</remarks>
internal static class GifDecoder
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Gif, GifFile.Matches, Identify, Decode, static (file, guard) => new GifAnimation(file, guard).Frames());

    private static ImageInfo Identify(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        var gif = new GifFile(file);
        GifFrame first = gif.Next(guard) ?? throw NoPicture();
        (int width, int height) = Canvas(gif, first, guard);
        int frames = 1;
        bool alpha = first.Transparent >= 0;
        while (gif.Next(guard) is { } frame)
        {
            frames++;
            alpha |= frame.Transparent >= 0;
        }

        return new ImageInfo(ImageFormat.Gif, width, height, PixelFormat.Palette, 8, alpha, frames, 1);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> file, DecodeGuard guard, int threads)
    {
        var gif = new GifFile(file);
        GifFrame frame = gif.Next(guard) ?? throw NoPicture();
        (int width, int height) = Canvas(gif, frame, guard);
        byte[] indices = GifPictures.Indices(file.Span, frame, guard);
        byte[] colors = GifPictures.Colors(file.Span, gif, frame);
        if (frame.Transparent >= 0)
        {
            colors[(4 * frame.Transparent) + 3] = 0;
        }

        var image = new Image(width, height, PixelFormat.Palette)
        {
            Palette = new ImagePalette(colors, frame.Transparent >= 0),
        };
        image.Pixels.Fill((byte)Math.Max(0, frame.Transparent));
        for (int y = 0; y < frame.Height; y++)
        {
            indices.AsSpan(y * frame.Width, frame.Width).CopyTo(image.Row(frame.Y + y)[frame.X..]);
        }

        return image;
    }

    /// <summary>The canvas; a first frame that does not lie in it makes it larger.</summary>
    private static (int Width, int Height) Canvas(GifFile gif, GifFrame first, DecodeGuard guard)
    {
        int width = Math.Max(gif.Width, first.X + first.Width);
        int height = Math.Max(gif.Height, first.Y + first.Height);
        guard.CheckPicture("GIF", width, height);
        return (width, height);
    }

    private static InvalidDataException NoPicture() => new("The GIF file has no picture.");
}
