namespace Percept.Media;

/// <summary>PNG pictures and animations (APNG).</summary>
/// <remarks>
/// Source: PNG (Third Edition), W3C. Gamma, colour profiles, background and physical size never change pixels. 16-bit
/// samples become their high byte, except gray without alpha.
/// </remarks>
internal static class PngDecoder
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Png, static file => file.StartsWith(PngFile.Signature), Identify, Decode, DecodeFrames);

    private static ImageInfo Identify(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        PngFile png = PngFile.Read(file.Span, guard, checksPixels: false);
        PngHeader header = png.Header;
        bool alpha = header.Color is PngColor.GrayAlpha or PngColor.Rgba || png.Transparency.Length > 0;
        int frames = png.IsAnimated ? png.AnnouncedFrames + (png.HasDefaultImage ? 1 : 0) : 1;
        return new ImageInfo(
            ImageFormat.Png, header.Width, header.Height, PngExpansion.FormatOf(png), header.Depth, alpha, frames, png.Orientation);
    }

    private static DecodedPicture Decode(ReadOnlyMemory<byte> file, DecodeGuard guard, int threads)
    {
        PngFile png = PngFile.Read(file.Span, guard);
        return new(PngPixels.Decode(file, png, png.Header.Width, png.Header.Height, png.Data, guard), png.Orientation);
    }

    /// <summary>
    /// All frames. A still picture that is no frame of the animation comes first, as in Pillow, and the canvas starts with
    /// it.
    /// </summary>
    private static IEnumerable<ImageFrame> DecodeFrames(ReadOnlyMemory<byte> file, DecodeGuard guard)
    {
        PngFile png = PngFile.Read(file.Span, guard);
        if (!png.IsAnimated || png.HasDefaultImage)
        {
            guard.CountFrame("PNG", 0, png.Header.Width, png.Header.Height);
            Image still = PngPixels.Decode(file, png, png.Header.Width, png.Header.Height, png.Data, guard);
            still = still.Convert(PixelFormat.Rgba);
            yield return new ImageFrame(still, 0);
            if (!png.IsAnimated)
            {
                yield break;
            }

            foreach (ImageFrame frame in new PngAnimation(file, png, guard, still).Frames())
            {
                yield return frame;
            }
        }
        else
        {
            foreach (ImageFrame frame in new PngAnimation(file, png, guard, null).Frames())
            {
                yield return frame;
            }
        }
    }
}
