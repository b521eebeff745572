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
    /// <see cref="PixelFormat.Gray"/> or <see cref="PixelFormat.Rgb"/>; others are to be converted first, as JPEG
    /// keeps no
    /// transparency.
    /// </param>
    /// <param name="options">Quality and kin; <see cref="JpegEncodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every row of blocks.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ArgumentException">The picture's format or size has no JPEG form, or an option is out of
    /// range.</exception>
    public static byte[] Encode(
        Image image, JpegEncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= JpegEncodeOptions.Default;
        if (image.Format is not (PixelFormat.Gray or PixelFormat.Rgb))
        {
            throw new ArgumentException(
                $"A picture in {image.Format} has no JPEG form; convert it to {PixelFormat.Rgb} or " +
                $"{PixelFormat.Gray} first.",
                nameof(image));
        }

        if (image.Width > MaxSide || image.Height > MaxSide)
        {
            throw new ArgumentException(
                $"A JPEG picture has at most {MaxSide} pixels a side; this one is {image.Width}×{image.Height}. " +
                "Shrink it first.",
                nameof(image));
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
}
