namespace Percept.Conformance;

/// <summary>Finds the files that a case names.</summary>
/// <remarks>
/// A case describes itself and may name files beside it: of its own folder, of other cases of the pack, of the data folder
/// beside the pack. It must not reach for files elsewhere on the disk.
/// </remarks>
internal static class CasePaths
{
    private const string SharedPrefix = "shared/";

    internal static string Resolve(string folder, string relative)
    {
        if (relative.Length == 0 || Path.IsPathRooted(relative) || relative.Contains('\\') || relative.Contains('\0'))
        {
            throw new InvalidDataException($"The path '{relative}' is not one that a case may name.");
        }

        string root = Path.GetFullPath(folder);
        string full;
        if (relative.StartsWith(SharedPrefix, StringComparison.Ordinal))
        {
            string? shared = SharedFolder(root);
            if (shared is null)
            {
                throw new NotUnderstoodException($"'{relative}' needs the full pack, which is not here");
            }

            root = shared;
            full = Path.GetFullPath(Path.Combine(shared, relative[SharedPrefix.Length..]));
        }
        else
        {
            full = Path.GetFullPath(Path.Combine(root, relative));
            root = Above(root);
        }

        if (!Path.EndsInDirectorySeparator(root))
        {
            root += Path.DirectorySeparatorChar;
        }

        if (!full.StartsWith(root, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The path '{relative}' leads out of the golden cases.");
        }

        return File.Exists(full) || Directory.Exists(full)
            ? full
            : throw new FileNotFoundException($"The case names '{relative}', which is not there.", full);
    }

    /// <summary>The folder that paths of a case may reach: what holds its group, and the folder beside the pack.</summary>
    private static string Above(string folder)
    {
        // <pack>/<group>/<system>/<case>: "../../../../data" is the furthest that a case goes.
        for (int i = 0; i < 4 && Path.GetDirectoryName(folder) is { } parent; i++)
        {
            folder = parent;
        }

        return Path.TrimEndingDirectorySeparator(folder);
    }

    /// <summary>The folder <c>shared</c> above a case, else the one that holds the full pack; null when there is none.</summary>
    private static string? SharedFolder(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            if (at.Name == "shared")
            {
                return at.FullName;
            }
        }

        return CaseFinder.FindPack() is { } pack ? Path.GetDirectoryName(pack) : null;
    }
}
