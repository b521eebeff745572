using System.Collections.Concurrent;

namespace Percept.Data;

/// <summary>
/// Finds the files that records name, and nothing outside the folders that the user named unless that is allowed.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class MediaPaths
{
    private readonly string[] _roots;
    private readonly bool _allowOutside;
    private readonly ConcurrentDictionary<string, string> _folders = new();

    /// <param name="folder">The dataset's own folder.</param>
    /// <param name="mediaRoot">Where paths begin; the dataset's folder when null.</param>
    /// <param name="allowOutside">Whether files elsewhere are followed.</param>
    internal MediaPaths(string folder, string? mediaRoot, bool allowOutside)
    {
        _allowOutside = allowOutside;
        string own = Path.GetFullPath(folder);
        _roots = mediaRoot is null ? [own] : [Path.GetFullPath(mediaRoot), own];
    }

    /// <summary>The file of a medium.</summary>
    /// <param name="name">The path as it stands in a record.</param>
    /// <param name="problem">What is wrong with it, and what to do; null where nothing is. A file that is not there is no problem
    /// here: whoever opens it tells.</param>
    /// <returns>The full path.</returns>
    internal string Find(string name, out (DataProblemKind Kind, string Message, string NextStep)? problem)
    {
        string local = name.Replace('\\', Path.DirectorySeparatorChar);
        string path = _roots.Select(root => Path.GetFullPath(Path.Combine(root, local))).FirstOrDefault(Path.Exists)
            ?? Path.GetFullPath(Path.Combine(_roots[0], local));
        problem = Check(name, path);
        return path;
    }

    /// <summary>What is wrong with where a file lies, and what to do; null where nothing is.</summary>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="path">The file.</param>
    internal (DataProblemKind Kind, string Message, string NextStep)? Check(string name, string path)
    {
        if (_allowOutside)
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        if (!_roots.Any(root => IsInside(full, root)))
        {
            return (DataProblemKind.OutsideMedia, $"'{name}' lies outside '{_roots[0]}'", "Name its folder as the media root, or "
                + "allow media outside");
        }

        string real = Resolve(full);
        return _roots.Any(root => IsInside(real, Resolve(root)))
            ? null
            : (DataProblemKind.OutsideMedia, $"'{name}' is a link to '{real}', outside '{_roots[0]}'",
                "Name that folder as the media root, or allow media outside");
    }

    private static bool IsInside(string path, string root) =>
        path.Length > root.Length
        && path.StartsWith(root, StringComparison.Ordinal)
        && (Path.EndsInDirectorySeparator(root) || path[root.Length] == Path.DirectorySeparatorChar);

    /// <summary>The path with all links on the way followed.</summary>
    private string Resolve(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        string own = Path.Combine(_folders.GetOrAdd(parent, Resolve), Path.GetFileName(path));
        FileSystemInfo entry = Directory.Exists(own) ? new DirectoryInfo(own) : new FileInfo(own);
        return entry.Exists && entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? Resolve(target.FullName)
            : own;
    }
}
