namespace Percept.Checkpoints;

/// <summary>Turns what a user types for a model into a path: a folder, a file, or a name of the hub.</summary>
public static class ModelLocator
{
    private static readonly string[] s_files = [".gguf", ".safetensors", ".bin", ".pt", ".pth", ".json"];

    /// <summary>
    /// Finds a model on this machine; nothing is asked of the network. A file or folder comes first, then the hub's cache.
    /// </summary>
    /// <param name="text">A folder, a file (<c>~</c> is the user's folder), <c>org/name</c>, <c>org/name@revision</c> or
    /// <c>org/name/file.gguf</c>.</param>
    /// <param name="settings">Where the cache is; null for what the environment says.</param>
    /// <returns>The path of a folder or file that exists.</returns>
    /// <exception cref="FileNotFoundException">There is no such thing; the message says what to do.</exception>
    /// <exception cref="InvalidDataException">The cache's own notes are damaged.</exception>
    public static string Resolve(string text, HubSettings? settings = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        string path = UserPath.Expand(text);
        if (Directory.Exists(path) || File.Exists(path))
        {
            return path;
        }

        HubReference? reference = LooksLikePath(text) ? null : HubReference.TryParse(text);
        if (reference is null)
        {
            string problem = text.Contains("://", StringComparison.Ordinal)
                ? $"'{text}' is an address, not a model. Name it org/name, and get it with 'percept pull org/name'."
                : $"There is no file or folder '{path}'. Check the path, or name a model of the hub as org/name.";
            throw new FileNotFoundException(problem, path);
        }

        settings ??= HubSettings.FromEnvironment();
        var cache = new HubCache(settings.CacheFolder);
        string snapshot = cache.FindSnapshot(reference.Repository, reference.Revision) ?? throw Absent(cache, reference, settings);
        if (reference.File is null)
        {
            return snapshot;
        }

        string file = HubPath.Below(snapshot, reference.File);
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException(
                $"'{reference.File}' is not among the files of '{reference.Repository}' in '{snapshot}'. " +
                $"Get it with 'percept pull {Pull(reference)} --include {reference.File}'.",
                file);
    }

    private static FileNotFoundException Absent(HubCache cache, HubReference reference, HubSettings settings)
    {
        string[] revisions = [.. cache.Revisions(reference.Repository)];
        string found = revisions.Length > 0
            ? $"the cache '{cache.Folder}' has '{reference.Repository}' only at {string.Join(", ", revisions.Take(5))}"
            : cache.List().FirstOrDefault(
                    other => string.Equals(other.Repository, reference.Repository, StringComparison.OrdinalIgnoreCase)) is { } other
                ? $"the cache '{cache.Folder}' has '{other.Repository}', which is written otherwise"
                : $"it is not in the cache '{cache.Folder}'";
        string next = settings.Offline
            ? $"HF_HUB_OFFLINE is set: unset it, then get the model with 'percept pull {Pull(reference)}'."
            : $"Get the model with 'percept pull {Pull(reference)}'.";
        return new FileNotFoundException($"There is no file or folder '{reference}', and {found}. {next}", reference.ToString());
    }

    private static string Pull(HubReference reference) => (reference with { File = null }).ToString();

    private static bool LooksLikePath(string text) =>
        text[0] is '.' or '/' or '~' || text.Contains('\\', StringComparison.Ordinal) || Path.IsPathRooted(text)
        || (text.Count(letter => letter == '/') < 2 && s_files.Any(ending => text.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
}
