namespace Percept.Media;

/// <summary>How clips are decoded.</summary>
public sealed record VideoDecodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static VideoDecodeOptions Default { get; } = new();

    /// <summary>What is accepted at the most. The time is that of one call.</summary>
    public MediaLimits Limits { get; init; } = MediaLimits.Default;

    /// <summary>The FFmpeg program; null looks it up when a file needs it.</summary>
    public FfmpegProgram? Ffmpeg { get; init; }

    /// <summary>Frames a second of a folder of pictures, which has no times of its own; null for unknown.</summary>
    public double? FolderFramesPerSecond { get; init; }
}
