namespace Percept.Checkpoints;

/// <summary>Judges the names that a hub gives to files, so that none leads out of its folder on any system.</summary>
internal static class HubPath
{
    private const int MaxPath = 1024;
    private const int MaxPart = 255;

    private static readonly string[] s_devices =
    [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1", "LPT2", "LPT3",
        "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "CONIN$", "CONOUT$",
    ];

    /// <summary>Whether a path of parts between slashes stays below where it begins.</summary>
    internal static bool IsSafe(string path) => path.Length is > 0 and <= MaxPath && path.Split('/').All(IsSafePart);

    /// <summary>A path below a folder.</summary>
    /// <exception cref="InvalidDataException">It would not lie there.</exception>
    internal static string Below(string folder, string path)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        string full = IsSafe(path) ? Path.GetFullPath(Path.Combine(root, path)) : root;
        return full.StartsWith(root, StringComparison.Ordinal) && full.Length > root.Length
            ? full
            : throw new InvalidDataException(
                $"The hub names a file '{Printable(path)}', which is no plain path below '{folder}'. Nothing was written; do not use this repository.");
    }

    /// <summary>Makes a folder and those above it; none of them may be a link, which could lead out of the cache.</summary>
    /// <param name="root">The folder below which there are no links; it may be one itself.</param>
    /// <param name="folder">A folder below it.</param>
    /// <exception cref="IOException">One of them is a link or a file, or can't be made.</exception>
    internal static void CreateFolder(string root, string folder)
    {
        string top = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        for (string? at = Path.GetFullPath(folder); at is not null && at.Length > top.Length; at = Path.GetDirectoryName(at))
        {
            if (new DirectoryInfo(at).LinkTarget is { } target)
            {
                throw new IOException(
                    $"'{at}' is a link to '{Printable(target)}', where the hub's cache has a folder. Nothing was written there; remove the link, " +
                    "and pull again.");
            }
        }

        Directory.CreateDirectory(folder);
    }

    /// <summary>The text without letters that a terminal would obey.</summary>
    internal static string Printable(string text) =>
        new([.. text.Take(200).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)]);

    private static bool IsSafePart(string part)
    {
        if (part.Length is 0 or > MaxPart || part is "." or ".." || part[^1] is '.' or ' ')
        {
            return false;
        }

        string stem = part.Split('.')[0].TrimEnd(' ');
        return !part.Any(letter => char.IsControl(letter) || letter is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
            && !s_devices.Contains(stem, StringComparer.OrdinalIgnoreCase);
    }
}
