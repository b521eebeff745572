namespace Percept.Media;

/// <summary>The file formats of pictures.</summary>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics, with APNG's frames.</summary>
    Png,

    /// <summary>JPEG: baseline and progressive.</summary>
    Jpeg,

    /// <summary>Graphics Interchange Format.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>WebP: lossy and lossless.</summary>
    WebP,

    /// <summary>The portable bitmap, graymap and pixmap family.</summary>
    Pnm,

    /// <summary>Tagged Image File Format.</summary>
    Tiff,
}
