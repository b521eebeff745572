namespace Percept.Models;

/// <summary>A prompt as the model takes it: ids with a placeholder for each row of a medium, and the media.</summary>
public sealed class PreparedPrompt : IDisposable
{
    /// <summary>The token ids, placeholders among them.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Which ids are placeholders, and of what; in order of their beginnings, without overlap.</summary>
    public IReadOnlyList<MediaSpan> Spans { get; init; } = [];

    /// <summary>For each axis the position of each id; null where they are counted from 0.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>Frees the media.</summary>
    public void Dispose()
    {
        foreach (MediaSpan span in Spans)
        {
            span.Media.Dispose();
        }
    }
}

/// <summary>A run of placeholders.</summary>
/// <param name="Start">The first of them among the ids.</param>
/// <param name="Count">How many.</param>
/// <param name="Media">The medium.</param>
/// <param name="Offset">The row of the medium that the first placeholder stands for.</param>
public readonly record struct MediaSpan(int Start, int Count, MediaInput Media, int Offset = 0);
