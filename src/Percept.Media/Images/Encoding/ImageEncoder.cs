namespace Percept.Media;

/// <summary>Encodes pictures in the formats that are written: PNG, JPEG and GIF.</summary>
/// <remarks>
/// All methods are thread-safe. <see cref="PngEncoder"/>, <see cref="JpegEncoder"/> and <see cref="GifEncoder"/> have options
/// and, but for JPEG, clips.
/// </remarks>
public static class ImageEncoder
{
    /// <summary>The formats that are written.</summary>
    public static IReadOnlyList<ImageFormat> Formats { get; } = [ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.Gif];

    /// <summary>Encodes a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="format">The file format.</param>
    /// <returns>The file.</returns>
    /// <exception cref="NotSupportedException">The format is not written, or cannot hold the picture.</exception>
    public static byte[] Encode(Image image, ImageFormat format) => format switch
    {
        ImageFormat.Png => PngEncoder.Encode(image),
        ImageFormat.Jpeg => JpegEncoder.Encode(image),
        ImageFormat.Gif => GifEncoder.Encode(image),
        _ => throw new NotSupportedException($"{format} files are not written; written are {string.Join(", ", Formats)}."),
    };

    /// <summary>Encodes a clip.</summary>
    /// <param name="frames">The frames, at least one, all of one size.</param>
    /// <param name="format">The file format.</param>
    /// <param name="output">Gets the file; stays open.</param>
    /// <exception cref="NotSupportedException">The format is not written.</exception>
    public static void Encode(IReadOnlyList<ImageFrame> frames, ImageFormat format, Stream output)
    {
        switch (format)
        {
            case ImageFormat.Png:
                PngEncoder.Encode(frames, output);
                break;
            case ImageFormat.Gif:
                GifEncoder.Encode(frames, output);
                break;
            default:
                throw new NotSupportedException($"{format} files are not written; written are {string.Join(", ", Formats)}.");
        }
    }
}
