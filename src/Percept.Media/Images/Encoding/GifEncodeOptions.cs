namespace Percept.Media;

/// <summary>How GIF files are written.</summary>
public sealed record GifEncodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static GifEncodeOptions Default { get; } = new();

    /// <summary>The greatest number of colours of a frame, 2 to 256. Default: 256.</summary>
    public int Colors { get; init; } = 256;

    /// <summary>Whether frames with more colours are dithered. Default: yes.</summary>
    public bool Dithers { get; init; } = true;

    /// <summary>How often the clip is shown; 0 for without end.</summary>
    public int Loops { get; init; }
}
