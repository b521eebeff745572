namespace Percept.Media;

/// <summary>The decoder of one file format.</summary>
/// <param name="Format">The file format.</param>
/// <param name="Matches">Whether a file begins like one of this format. Gets the whole file.</param>
/// <param name="Identify">Reads the header only.</param>
/// <param name="Decode">Decodes the first frame as stored, without turning it. The last argument is the number of threads.</param>
/// <param name="Frames">Decodes all frames lazily, each composed to RGBA on the canvas; null for formats without frames.</param>
internal sealed record ImageCodec(
    ImageFormat Format,
    Func<ReadOnlySpan<byte>, bool> Matches,
    Func<ReadOnlyMemory<byte>, DecodeGuard, ImageInfo> Identify,
    Func<ReadOnlyMemory<byte>, DecodeGuard, int, DecodedPicture> Decode,
    Func<ReadOnlyMemory<byte>, DecodeGuard, IEnumerable<ImageFrame>>? Frames = null);
