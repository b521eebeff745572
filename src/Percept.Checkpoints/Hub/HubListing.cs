using System.Text.Json;

namespace Percept.Checkpoints;

/// <summary>What the hub says of a state of a repository.</summary>
/// <param name="Commit">The commit's hash.</param>
/// <param name="Files">Its files, in the hub's order; every path is safe below a folder.</param>
public sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    private const int MaxFiles = 100_000;
    private const int MaxDepth = 32;

    /// <summary>Reads the answer of <c>/api/models/org/name/revision/main?blobs=true</c>.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="repository">The repository, for errors.</param>
    /// <exception cref="InvalidDataException">It is no such answer, or names a file outside its folder.</exception>
    internal static HubListing Parse(ReadOnlyMemory<byte> json, string repository)
    {
        InvalidDataException Invalid(string problem, Exception? inner = null) => new(
            $"The hub's list of the files of '{repository}' is not valid: {problem}. Check HF_ENDPOINT, and try again.", inner);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Invalid("it is no JSON object");
            }

            string commit = Text(document.RootElement, "sha") ?? "";
            if (!HubReference.IsCommit(commit))
            {
                throw Invalid("it does not name a commit");
            }

            if (!document.RootElement.TryGetProperty("siblings", out JsonElement siblings) || siblings.ValueKind != JsonValueKind.Array
                || siblings.GetArrayLength() > MaxFiles)
            {
                throw Invalid($"it has no list of at most {MaxFiles} files");
            }

            HubFile[] files = [.. siblings.EnumerateArray().Select(entry => Read(entry) ?? throw Invalid("an entry has no name"))];
            HubFile? unsafeFile = files.FirstOrDefault(file => !HubPath.IsSafe(file.Path));
            if (unsafeFile is not null)
            {
                throw new InvalidDataException(
                    $"The hub names a file '{HubPath.Printable(unsafeFile.Path)}' of '{repository}', which is no plain path below a folder. " +
                    "Nothing was written; do not use this repository.");
            }

            if (files.Aggregate((Int128)0, (sum, file) => sum + (file.Bytes ?? 0)) > long.MaxValue)
            {
                throw Invalid("the lengths of its files add up to more than 2^63 bytes");
            }

            return FindClash(files, StringComparer.Ordinal) is { } twice
                ? throw Invalid($"it names '{twice}' twice, or as a file and as a folder")
                : new HubListing(commit, files);
        }
        catch (JsonException error)
        {
            throw Invalid($"it is no JSON of at most {MaxDepth} levels", error);
        }
        catch (InvalidOperationException error)
        {
            // What the reader throws for half a surrogate pair.
            throw Invalid("it has a text that is not valid Unicode", error);
        }
    }

    /// <summary>A path that stands there twice, or is a folder of another; null when there is none.</summary>
    /// <param name="files">The files.</param>
    /// <param name="comparer">What a file system takes for the same name.</param>
    internal static string? FindClash(IReadOnlyList<HubFile> files, StringComparer comparer)
    {
        var paths = new HashSet<string>(comparer);
        foreach (HubFile file in files)
        {
            if (!paths.Add(file.Path))
            {
                return file.Path;
            }
        }

        return files.FirstOrDefault(file => Folders(file.Path).Any(paths.Contains))?.Path;
    }

    private static IEnumerable<string> Folders(string path)
    {
        for (int at = path.IndexOf('/', StringComparison.Ordinal); at >= 0; at = path.IndexOf('/', at + 1))
        {
            yield return path[..at];
        }
    }

    private static HubFile? Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || Text(entry, "rfilename") is not { } path)
        {
            return null;
        }

        if (entry.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object)
        {
            return new HubFile(path, Number(lfs, "size") ?? Number(entry, "size"), Hash(Text(lfs, "sha256") ?? Text(lfs, "oid")));
        }

        return new HubFile(path, Number(entry, "size"), Hash(Text(entry, "blobId")));
    }

    /// <summary>A hash, if the text is one: it becomes the name of a file.</summary>
    internal static string? Hash(string? text) =>
        text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigitLower) ? text : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
        && number >= 0 ? number : null;
}
