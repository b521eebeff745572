namespace Percept.Conformance;

/// <summary>Finds golden cases on the disk.</summary>
public static class CaseFinder
{
    /// <summary>The environment variable that names the folder of the full pack.</summary>
    public const string PackVariable = "PERCEPT_GOLDENS";

    /// <summary>The file that makes a folder a case.</summary>
    public const string FileName = "case.json";

    /// <summary>
    /// The folder of the full pack: what <see cref="PackVariable"/> names, else the first <c>shared/goldens</c> found
    /// while going up from a folder.
    /// </summary>
    /// <param name="start">Where to begin; the program's own folder when left out.</param>
    /// <returns>The folder; null when there is none.</returns>
    public static string? FindPack(string? start = null)
    {
        if (Environment.GetEnvironmentVariable(PackVariable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named) : null;
        }

        return FindUp(start ?? AppContext.BaseDirectory, Path.Combine("shared", "goldens"));
    }

    /// <summary>
    /// The repository's own copies of cases, found by going up from a folder to <c>tests/goldens</c>.
    /// </summary>
    /// <param name="start">Where to begin; the program's own folder when left out.</param>
    /// <returns>The folder; null when there is none.</returns>
    public static string? FindCopies(string? start = null) =>
        FindUp(start ?? AppContext.BaseDirectory, Path.Combine("tests", "goldens"));

    /// <summary>The folder of every case at or under a path, in ordinal order.</summary>
    /// <param name="path">A case's folder, its <c>case.json</c>, or a folder that holds cases at any depth.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such file or folder.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path) && Path.GetFileName(path) == FileName)
        {
            return [Path.GetDirectoryName(Path.GetFullPath(path))!];
        }

        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"There is no case or folder '{path}'.");
        }

        string[] files = Directory.GetFiles(Path.GetFullPath(path), FileName, SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return [.. files.Select(file => Path.GetDirectoryName(file)!)];
    }

    private static string? FindUp(string start, string relative)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, relative);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
