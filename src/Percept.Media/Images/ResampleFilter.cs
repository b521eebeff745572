namespace Percept.Media;

/// <summary>How a resized picture is made of the source's pixels. The names are Pillow's.</summary>
public enum ResampleFilter
{
    /// <summary>The pixel under the middle of each new pixel.</summary>
    Nearest,

    /// <summary>The mean of the pixels under each new pixel; support 0.5.</summary>
    Box,

    /// <summary>A triangle; support 1.</summary>
    Bilinear,

    /// <summary>A sinc in a Hamming window; support 1.</summary>
    Hamming,

    /// <summary>The cubic convolution with a = −0.5; support 2.</summary>
    Bicubic,

    /// <summary>A sinc in a Lanczos window; support 3.</summary>
    Lanczos,
}
