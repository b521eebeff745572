namespace Percept.Checkpoints;

/// <summary>Paths as users write them.</summary>
internal static class UserPath
{
    /// <summary>The path with a leading <c>~</c> replaced by the user's folder.</summary>
    internal static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal)
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
            : path;
}
