using Percept.Media;

namespace Percept.Models;

/// <summary>One medium as a user gives it, decoded.</summary>
public sealed class MediaContent
{
    private MediaContent(MediaKind kind, IReadOnlyList<Image> frames, IReadOnlyList<double>? times = null)
    {
        Kind = kind;
        Frames = frames;
        Times = times;
    }

    /// <summary>The kind.</summary>
    public MediaKind Kind { get; }

    /// <summary>The picture alone, or the frames of a clip in order; empty for sound.</summary>
    public IReadOnlyList<Image> Frames { get; }

    /// <summary>When each frame stands, in seconds; null where nobody knows.</summary>
    public IReadOnlyList<double>? Times { get; }

    /// <summary>A picture.</summary>
    /// <param name="picture">The picture, upright.</param>
    public static MediaContent Of(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return new MediaContent(MediaKind.Image, [picture]);
    }

    /// <summary>A clip.</summary>
    /// <param name="frames">Frames in order, at least one.</param>
    /// <param name="times">When each stands, in seconds; null where nobody knows.</param>
    public static MediaContent Clip(IReadOnlyList<Image> frames, IReadOnlyList<double>? times = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count, nameof(frames));
        return new MediaContent(MediaKind.Video, frames, times);
    }
}
