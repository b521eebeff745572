namespace Percept.Media;

/// <summary>Facts about <see cref="PixelFormat"/>.</summary>
public static class PixelFormats
{
    /// <summary>The bytes that one pixel takes.</summary>
    /// <param name="format">The format.</param>
    public static int BytesPerPixel(this PixelFormat format) => format switch
    {
        PixelFormat.Bit or PixelFormat.Gray or PixelFormat.Palette => 1,
        PixelFormat.GrayAlpha or PixelFormat.Gray16 => 2,
        PixelFormat.Rgb or PixelFormat.YCbCr or PixelFormat.Hsv => 3,
        PixelFormat.Rgba or PixelFormat.Cmyk or PixelFormat.Gray32 or PixelFormat.GrayFloat => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such pixel format."),
    };

    /// <summary>The numbers that one pixel has.</summary>
    /// <param name="format">The format.</param>
    public static int Channels(this PixelFormat format) => format switch
    {
        PixelFormat.Gray16 or PixelFormat.Gray32 or PixelFormat.GrayFloat => 1,
        _ => format.BytesPerPixel(),
    };
}
