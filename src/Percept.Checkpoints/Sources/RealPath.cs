namespace Percept.Checkpoints;

/// <summary>Where a path leads when all links are followed.</summary>
internal static class RealPath
{
    // What operating systems allow.
    private const int MaxLinks = 40;

    /// <summary>The full path without links; parts that do not exist stay as they are.</summary>
    /// <param name="path">The path.</param>
    internal static string Of(string path) => Of(path, 0);

    private static string Of(string path, int links)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } above)
        {
            return full;
        }

        string at = Path.Combine(Of(above, links), Path.GetFileName(full));
        return links < MaxLinks && new FileInfo(at).LinkTarget is { } target
            ? Of(Path.Combine(Path.GetDirectoryName(at)!, target), links + 1)
            : at;
    }
}
