namespace Percept.Media;

/// <summary>A picture as stored, and how it is turned to be upright.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Orientation">EXIF's orientation 1 to 8.</param>
internal readonly record struct DecodedPicture(Image Image, int Orientation)
{
    /// <summary>A picture of a format without an orientation.</summary>
    public static implicit operator DecodedPicture(Image image) => new(image, ExifOrientation.Upright);
}
