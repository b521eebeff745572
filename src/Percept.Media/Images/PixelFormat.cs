namespace Percept.Media;

/// <summary>How the samples of a picture are stored. The names in brackets are Pillow's modes.</summary>
public enum PixelFormat
{
    /// <summary>One byte a pixel, 0 or 255 (<c>1</c>).</summary>
    Bit,

    /// <summary>One byte a pixel (<c>L</c>).</summary>
    Gray,

    /// <summary>Gray and alpha, a byte each (<c>LA</c>).</summary>
    GrayAlpha,

    /// <summary>One byte a pixel, an index into <see cref="Image.Palette"/> (<c>P</c>).</summary>
    Palette,

    /// <summary>Red, green, blue, a byte each (<c>RGB</c>).</summary>
    Rgb,

    /// <summary>Red, green, blue, alpha, a byte each (<c>RGBA</c>).</summary>
    Rgba,

    /// <summary>Cyan, magenta, yellow, black, a byte each (<c>CMYK</c>).</summary>
    Cmyk,

    /// <summary>Luma and two colour differences, a byte each (<c>YCbCr</c>).</summary>
    YCbCr,

    /// <summary>Hue, saturation, value, a byte each (<c>HSV</c>).</summary>
    Hsv,

    /// <summary>An unsigned 16-bit number a pixel, in the machine's byte order (<c>I;16</c>).</summary>
    Gray16,

    /// <summary>A signed 32-bit number a pixel, in the machine's byte order (<c>I</c>).</summary>
    Gray32,

    /// <summary>A float32 a pixel, in the machine's byte order (<c>F</c>).</summary>
    GrayFloat,
}
