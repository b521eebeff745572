namespace Percept.Media;

/// <summary>How a sound is decoded.</summary>
public sealed record AudioDecodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static AudioDecodeOptions Default { get; } = new();

    /// <summary>What is accepted at the most.</summary>
    public MediaLimits Limits { get; init; } = MediaLimits.Default;

    /// <summary>
    /// Whether the checksum over the whole sound is compared where a file has one (FLAC's MD5). Default: no; every FLAC
    /// frame is checked by its own CRC anyway.
    /// </summary>
    public bool VerifyChecksum { get; init; }

    /// <summary>The FFmpeg program for formats without a decoder of our own; null looks it up when a file needs it.</summary>
    public FfmpegProgram? Ffmpeg { get; init; }
}
