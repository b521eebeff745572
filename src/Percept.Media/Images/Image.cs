namespace Percept.Media;

/// <summary>
/// A decoded picture in memory: rows from the top, pixels from the left, samples of a pixel side by side, no padding.
/// </summary>
/// <remarks>Not thread-safe while written to; safe to read from several threads. Holds managed memory only.</remarks>
public sealed partial class Image
{
    private readonly byte[] _pixels;

    /// <summary>Makes a picture; its samples are zero.</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">How samples are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the picture takes more than 2 GiB.</exception>
    public Image(int width, int height, PixelFormat format)
        : this(width, height, format, new byte[ByteCount(width, height, format)])
    {
    }

    private Image(int width, int height, PixelFormat format, byte[] pixels)
    {
        Width = width;
        Height = height;
        Format = format;
        _pixels = pixels;
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>How samples are stored.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride => Width * Format.BytesPerPixel();

    /// <summary>The colours of a <see cref="PixelFormat.Palette"/> picture; null for all others.</summary>
    public ImagePalette? Palette { get; init; }

    /// <summary>
    /// The one sample value (gray) or the three (red, green, blue) that mean "fully transparent" in a picture without an
    /// alpha channel, in the picture's own range; null when there is none.
    /// </summary>
    public IReadOnlyList<int>? TransparentColor { get; init; }

    /// <summary>All samples, <see cref="Height"/> × <see cref="Stride"/> bytes.</summary>
    public Span<byte> Pixels => _pixels;

    /// <summary>All samples as memory, for work that goes on in other threads.</summary>
    public Memory<byte> Memory => _pixels;

    /// <summary>The samples of a row.</summary>
    /// <param name="y">The row, from the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return _pixels.AsSpan(y * Stride, Stride);
    }

    /// <summary>Makes a picture whose samples are undefined: every byte must be written before it is read.</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">How samples are stored.</param>
    /// <param name="palette">The colours of a palette picture.</param>
    /// <param name="transparent">See <see cref="TransparentColor"/>.</param>
    internal static Image Uninitialized(
        int width, int height, PixelFormat format, ImagePalette? palette = null, IReadOnlyList<int>? transparent = null) =>
        new(width, height, format, GC.AllocateUninitializedArray<byte>(ByteCount(width, height, format)))
        {
            Palette = palette,
            TransparentColor = transparent,
        };

    /// <summary>Makes a picture of samples that are copied.</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">How samples are stored.</param>
    /// <param name="pixels">Height × width × bytes a pixel.</param>
    /// <exception cref="ArgumentException">The number of bytes is not that of the picture.</exception>
    public static Image From(int width, int height, PixelFormat format, ReadOnlySpan<byte> pixels)
    {
        int expected = ByteCount(width, height, format);
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"A picture of {width}×{height} in {format} has {expected} bytes; {pixels.Length} were given.", nameof(pixels));
        }

        Image image = Uninitialized(width, height, format);
        pixels.CopyTo(image._pixels);
        return image;
    }

    /// <summary>Makes a copy that shares no samples with this picture.</summary>
    public Image Clone()
    {
        Image copy = Uninitialized(Width, Height, Format, Palette, TransparentColor);
        Pixels.CopyTo(copy._pixels);
        return copy;
    }

    private static int ByteCount(int width, int height, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long bytes = (long)width * height * format.BytesPerPixel();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, nameof(width));
        return (int)bytes;
    }
}
