namespace Percept.Media;

/// <summary>Clips of formats that hold still pictures.</summary>
internal static class ImageClips
{
    /// <summary>A still picture as a clip of one frame without a duration.</summary>
    internal static Func<ReadOnlyMemory<byte>, DecodeGuard, IEnumerable<ImageFrame>> OfOneFrame(
        Func<ReadOnlyMemory<byte>, DecodeGuard, int, DecodedPicture> decode) =>
        (file, guard) => [new ImageFrame(decode(file, guard, 1).Image.Convert(PixelFormat.Rgba), 0)];
}
