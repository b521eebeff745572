namespace Percept.Media;

/// <summary>Writes pictures as baseline JPEG files.</summary>
/// <remarks>
/// Files are those of libjpeg-turbo with its accurate integer DCT, byte for byte, for the same settings. Thread-safe.
/// </remarks>
public static class JpegEncoder
{
    private const int MaxSide = 65500;

    /// <summary>Writes a picture.</summary>
    /// <param name="image">
    /// The picture. Bits become gray; palettes, CMYK, YCbCr and HSV become RGB. JPEG keeps no transparency and 8 bits:
    /// others are to be converted first.
    /// </param>
    /// <param name="options">Quality and kin; <see cref="JpegEncodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every row of blocks.</param>
    /// <returns>The file.</returns>
    /// <exception cref="NotSupportedException">The picture's format or size has no JPEG form.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static byte[] Encode(
        Image image, JpegEncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= JpegEncodeOptions.Default;
        image = Storable(image);
        if (image.Width > MaxSide || image.Height > MaxSide)
        {
            throw new NotSupportedException(
                $"A JPEG picture has at most {MaxSide} pixels a side; this one is {image.Width}×{image.Height}. " +
                "Shrink it first.");
        }

        if (options.Quality is < 1 or > 100 || options.RestartInterval is < 0 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"Quality {options.Quality} must be 1 to 100, restart interval {options.RestartInterval} 0 to 65535.");
        }

        using var writer = new JpegPictureWriter(image, options);
        return writer.Write(cancellationToken);
    }

    private static Image Storable(Image image)
    {
        switch (image.Format)
        {
            case PixelFormat.Gray or PixelFormat.Rgb:
                return image;
            case PixelFormat.Bit:
                return image.Convert(PixelFormat.Gray);
            case PixelFormat.Palette when image.Palette is { HasAlpha: false }:
            case PixelFormat.Cmyk or PixelFormat.YCbCr or PixelFormat.Hsv:
                return image.Convert(PixelFormat.Rgb);
            default:
                throw new NotSupportedException(
                    $"A picture in {image.Format} has no JPEG form; convert it to {PixelFormat.Rgb} or " +
                    $"{PixelFormat.Gray} first.");
        }
    }
}
