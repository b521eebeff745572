namespace Percept.Media;

/// <summary>What the header of a picture says; nothing of the picture itself is decoded.</summary>
/// <param name="FileFormat">The file's format.</param>
/// <param name="Width">Pixels a row as stored, before the orientation is applied.</param>
/// <param name="Height">Rows as stored, before the orientation is applied.</param>
/// <param name="Format">The pixel format that decoding gives.</param>
/// <param name="BitsPerSample">Bits a sample in the file.</param>
/// <param name="HasAlpha">Whether the file holds transparency of any kind.</param>
/// <param name="Frames">The number of frames; 1 for a still picture.</param>
/// <param name="Orientation">EXIF's orientation 1 to 8; 1 where the file has none or a broken one.</param>
public sealed record ImageInfo(
    ImageFormat FileFormat, int Width, int Height, PixelFormat Format, int BitsPerSample, bool HasAlpha, int Frames, int Orientation)
{
    /// <summary>Pixels a row when shown upright.</summary>
    public int UprightWidth => Orientation >= 5 ? Height : Width;

    /// <summary>Rows when shown upright.</summary>
    public int UprightHeight => Orientation >= 5 ? Width : Height;
}
