using Percept.Data;
using Percept.Media;
using Percept.Models;

namespace Percept.Training;

/// <summary>Decodes the media of samples into what processors take.</summary>
public static class DataMedia
{
    /// <summary>Decodes a medium.</summary>
    /// <param name="reference">The medium.</param>
    /// <param name="clipFrames">How many frames a clip is shown by; they are taken evenly, the first and the last included.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not decoded, or sound, which processors of prompts do not take.</exception>
    public static MediaContent Load(MediaReference reference, int clipFrames, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        switch (reference.Kind)
        {
            case DataPartKind.Image:
                return MediaContent.Of(reference.LoadImage(cancellation: cancellation));
            case DataPartKind.Video:
                (IReadOnlyList<Image> frames, IReadOnlyList<double>? times) = reference.LoadClip(
                    clip => FrameSampling.EndToEnd(clip, Math.Min(clipFrames, clip.Count)), cancellation: cancellation);
                return MediaContent.Clip(frames, times);
            default:
                throw new NotSupportedException(
                    $"'{reference.Name}' is sound, which the processors of prompts do not take. Remove the sample.");
        }
    }
}
