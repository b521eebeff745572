namespace Percept.Media;

/// <summary>The decoder of one file format of sounds.</summary>
/// <param name="Format">The file format.</param>
/// <param name="Matches">Whether a file begins like one of this format. Gets the whole file.</param>
/// <param name="Identify">Reads the header only.</param>
/// <param name="Decode">Decodes the whole sound. The last argument asks for the checksum to be compared.</param>
internal sealed record AudioCodec(
    AudioFormat Format,
    Func<ReadOnlySpan<byte>, bool> Matches,
    Func<ReadOnlyMemory<byte>, DecodeGuard, AudioInfo> Identify,
    Func<ReadOnlyMemory<byte>, DecodeGuard, bool, Sound> Decode);
