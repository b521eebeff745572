namespace Percept.Cli;

/// <summary>Paths as people write them.</summary>
internal static class CommandPaths
{
    /// <summary>A path with <c>~</c> for the home folder, which a shell leaves alone inside quotation marks.</summary>
    internal static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
            : path;

    /// <summary>The error of a path that leads nowhere.</summary>
    /// <param name="what">What was looked for: <c>file</c>, <c>folder</c>, …</param>
    /// <param name="path">The path.</param>
    internal static CommandException Missing(string what, string path) => new(
        path.Length == 0 ? $"the path of a {what} is empty"
        : $"there is no {what} '{path}'" + (path.AsSpan().ContainsAny("'\"“”‘’")
            ? "; there are quotation marks in the path itself: write it without, or in one pair only"
            : ""));

    /// <summary>Checks that a path is a file that can be read to its end.</summary>
    internal static void CheckFile(string what, string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw Missing(what, path);
        }

        // Pipes state no length; to open one would wait for whoever writes into it.
        if (file.Length == 0)
        {
            throw new CommandException(
                $"'{path}' is empty, or no regular file (a pipe or a device); copy what it gives into a file first");
        }
    }
}
