using Percept.Media;

namespace Percept.Data;

/// <summary>Tells why a medium cannot be used.</summary>
internal static class MediumProblem
{
    /// <summary>What is wrong with a medium; null where nothing is.</summary>
    internal static (DataProblemKind Kind, string Message, string NextStep)? Find(
        MediaReference medium, MediaCheck check, CancellationToken cancellation)
    {
        string? missing = medium.Path is { } path && !Path.Exists(path) ? path : medium.FramePaths.FirstOrDefault(frame => !File.Exists(frame));
        if (missing is not null)
        {
            return (DataProblemKind.MissingMedia, $"there is no file '{missing}' ({medium.Name})",
                "Put the file there, or name the folder where media lie");
        }

        try
        {
            switch (medium.Kind)
            {
                case { } when check == MediaCheck.Header && medium.IsDrawn:
                    // What is drawn has no header.
                    break;
                case DataPartKind.Image when check == MediaCheck.Header:
                    _ = ImageDecoder.Identify(medium.ReadBytes(), cancellationToken: cancellation);
                    break;
                case DataPartKind.Image:
                    _ = medium.LoadImage(cancellation: cancellation);
                    break;
                case DataPartKind.Audio when check == MediaCheck.Header:
                    // Containers of the FFmpeg program are known by their first bytes alone.
                    ReadOnlyMemory<byte> bytes = medium.ReadBytes();
                    _ = AudioDecoder.DetectContainer(bytes.Span) is null ? AudioDecoder.Identify(bytes, cancellationToken: cancellation) : null;
                    break;
                case DataPartKind.Audio:
                    _ = medium.LoadSound(cancellation: cancellation);
                    break;
                default:
                    _ = medium.LoadClip(clip => check == MediaCheck.Header ? [] : [0, clip.Count - 1], cancellation: cancellation);
                    break;
            }

            return null;
        }
        catch (UnauthorizedAccessException error)
        {
            return (DataProblemKind.MissingMedia, $"'{medium.Name}' may not be read: {error.Message.TrimEnd('.')}",
                "Give leave to read the file");
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException)
        {
            return (DataProblemKind.DamagedMedia, $"'{medium.Name}' cannot be decoded: {error.Message.TrimEnd('.')}",
                "Replace the file, or remove the record");
        }
    }
}
