namespace Percept.Media;

/// <summary>How a picture is decoded.</summary>
public sealed record ImageDecodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static ImageDecodeOptions Default { get; } = new();

    /// <summary>What is accepted at the most.</summary>
    public MediaLimits Limits { get; init; } = MediaLimits.Default;

    /// <summary>Whether the picture is turned upright as its EXIF orientation says. Default: yes.</summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>How many threads may work on one picture, where its format gains from it. Default: 1.</summary>
    public int Threads { get; init; } = 1;
}
