namespace Percept.Media;

/// <summary>JPEG's line in the table of formats.</summary>
internal static class JpegCodec
{
    internal static ImageCodec Codec { get; } =
        new(ImageFormat.Jpeg, JpegReader.Matches, JpegDecoder.Identify, JpegDecoder.Decode,
            ImageClips.OfOneFrame(JpegDecoder.Decode));
}
