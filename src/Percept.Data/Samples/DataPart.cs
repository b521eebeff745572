namespace Percept.Data;

/// <summary>A part of a message: a text, or a medium at the place where it stands among the texts.</summary>
public sealed class DataPart
{
    private DataPart(string? text, MediaReference? media)
    {
        Text = text;
        Media = media;
    }

    /// <summary>What the part is.</summary>
    public DataPartKind Kind => Media?.Kind ?? DataPartKind.Text;

    /// <summary>The text; null for a medium.</summary>
    public string? Text { get; }

    /// <summary>The medium; null for a text.</summary>
    public MediaReference? Media { get; }

    /// <summary>A text.</summary>
    /// <param name="text">The text, without marks of media.</param>
    public static DataPart Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new DataPart(text, null);
    }

    /// <summary>A medium.</summary>
    /// <param name="media">The medium.</param>
    public static DataPart Of(MediaReference media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return new DataPart(null, media);
    }

    /// <summary>A text.</summary>
    public static implicit operator DataPart(string text) => Of(text);

    /// <summary>A medium.</summary>
    public static implicit operator DataPart(MediaReference media) => Of(media);

    /// <inheritdoc/>
    public override string ToString() => Text ?? $"[{Media}]";
}
