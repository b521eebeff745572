namespace Percept.Checkpoints;

/// <summary>Finds the file of the vision or audio tower ("mmproj") that belongs to a GGUF language model.</summary>
public static class GgufCompanions
{
    private const string Architecture = "general.architecture";

    /// <summary>Whether a file is a tower: its <c>general.architecture</c> is <c>clip</c>.</summary>
    /// <param name="file">An open file.</param>
    /// <exception cref="InvalidDataException">The architecture is no text.</exception>
    public static bool IsCompanion(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.FindText(Architecture) == "clip";
    }

    /// <summary>
    /// The tower in the same folder as a language model, found by content whatever its name; of several the one that is named after the model,
    /// <c>mmproj-NAME.gguf</c>.
    /// </summary>
    /// <param name="model">The language model's file.</param>
    /// <returns>The tower's path; null when the folder has none.</returns>
    /// <exception cref="InvalidDataException">The folder has several of other names; the message lists them.</exception>
    public static string? Find(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        string[] found = [.. Towers(folder).Where(file => Path.GetFileName(file) != Path.GetFileName(model))];
        string own = $"mmproj-{Path.GetFileName(model)}";
        return found.Length <= 1 ? found.SingleOrDefault()
            : found.FirstOrDefault(file => Path.GetFileName(file) == own) is { } named ? named
            : throw new InvalidDataException(
                $"'{folder}' holds {found.Length} vision towers for '{Path.GetFileName(model)}': " +
                $"{string.Join(", ", found.Select(Path.GetFileName))}. Call the one that belongs to the model '{own}', or keep the others elsewhere.");
    }

    /// <summary>The language models in a folder, of a split one the first part.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<string> Models(string folder) => [.. Firsts(folder).Where(file => !IsCompanion(file))];

    /// <summary>The towers in a folder.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<string> Towers(string folder) => [.. Firsts(folder).Where(IsCompanion)];

    private static IEnumerable<string> Firsts(string folder) => Directory.EnumerateFiles(folder, "*.gguf")
        .Where(file => GgufSplit.Number(Path.GetFileName(file)) is null or 1).Order(StringComparer.Ordinal);

    /// <summary>Whether a file is a tower. One that can't be read is none: what is wrong with it is said when it is
    /// opened.</summary>
    internal static bool IsCompanion(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return IsCompanion(file);
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
