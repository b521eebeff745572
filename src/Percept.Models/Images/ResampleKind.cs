namespace Percept.Models;

/// <summary>The filters of a resize, by the numbers that settings use for them.</summary>
public enum ResampleKind
{
    /// <summary>The nearest pixel.</summary>
    Nearest = 0,

    /// <summary>A windowed sine over three pixels to each side.</summary>
    Lanczos = 1,

    /// <summary>Linear along each axis.</summary>
    Bilinear = 2,

    /// <summary>Cubic along each axis.</summary>
    Bicubic = 3,

    /// <summary>The average of the pixels covered.</summary>
    Box = 4,

    /// <summary>A sharper relative of <see cref="Bilinear"/>.</summary>
    Hamming = 5,
}
