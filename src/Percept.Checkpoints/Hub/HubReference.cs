namespace Percept.Checkpoints;

/// <summary>What names a model of the hub: <c>org/name</c>, <c>org/name@revision</c>, <c>org/name/file.gguf</c>.</summary>
/// <param name="Repository">The repository: <c>org/name</c>, or <c>name</c> for the oldest ones.</param>
/// <param name="File">A file in it; null for all of it.</param>
/// <param name="Revision">A branch, tag or commit; null for <c>main</c>.</param>
public sealed record HubReference(string Repository, string? File = null, string? Revision = null)
{
    private const int MaxName = 96;
    private const int MaxRevision = 255;

    /// <summary>Reads a reference.</summary>
    /// <param name="text">What the user typed.</param>
    /// <exception cref="ArgumentException">It is no such name; the message says what one looks like.</exception>
    public static HubReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text) ?? throw new ArgumentException(
            $"'{text}' names no model of the hub, expected org/name, org/name@revision or org/name/file.");
    }

    /// <summary>Reads a reference; null when the text is none.</summary>
    /// <param name="text">What the user typed.</param>
    public static HubReference? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string? revision = at < 0 ? null : text[(at + 1)..];
        string[] parts = (at < 0 ? text : text[..at]).Split('/');
        if (!parts.Take(2).All(IsName) || (revision is not null && !IsRevision(revision)))
        {
            return null;
        }

        string? file = parts.Length > 2 ? string.Join('/', parts[2..]) : null;
        return file is null || HubPath.IsSafe(file)
            ? new HubReference(string.Join('/', parts.Take(2)), file, revision)
            : null;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        Repository + (File is null ? "" : "/" + File) + (Revision is null ? "" : "@" + Revision);

    /// <summary>Whether a text can be a branch, tag or commit, and a path under a folder.</summary>
    internal static bool IsRevision(string text) =>
        text.Length <= MaxRevision && HubPath.IsSafe(text) && !text.Contains("@{", StringComparison.Ordinal);

    /// <summary>Whether a text is the full hash of a commit.</summary>
    internal static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
        && text[0] is not '-' and not '.' && text[^1] is not '-' and not '.'
        && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal);
}
