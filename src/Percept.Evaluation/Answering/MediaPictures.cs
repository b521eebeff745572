using Percept.Data;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>Media as pictures.</summary>
internal static class MediaPictures
{
    /// <summary>The picture alone, or so many frames of a clip evenly from its first to its last.</summary>
    /// <returns>The pictures, and when each is shown in seconds; null where nobody knows.</returns>
    /// <exception cref="NotSupportedException">It is neither a picture nor a clip.</exception>
    internal static (IReadOnlyList<Image> Pictures, IReadOnlyList<double>? Times) Of(
        MediaReference medium, int frames, CancellationToken cancellation = default) => medium.Kind switch
    {
        DataPartKind.Image => ([medium.LoadImage(cancellation: cancellation)], null),
        DataPartKind.Video => medium.LoadClip(
            clip => FrameSampling.EndToEnd(clip, Math.Min(frames, clip.Count)), cancellation: cancellation),
        _ => throw new NotSupportedException($"'{medium.Name}' is {medium.Kind}; pictures and clips are asked about."),
    };
}
