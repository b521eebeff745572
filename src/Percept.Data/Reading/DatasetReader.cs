using System.Text.Json;

namespace Percept.Data;

/// <summary>Opens datasets on disk; how one is laid out is found by what is there.</summary>
public static class DatasetReader
{
    /// <summary>The endings of pictures' files in folders.</summary>
    internal static readonly string[] PictureEndings =
        [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"];

    /// <summary>Opens a dataset.</summary>
    /// <param name="path">
    /// A file of JSON records (<c>.json</c>, <c>.jsonl</c>), a <c>.csv</c> of pictures and captions, the pictures' file of the MNIST
    /// layout, or a folder of pictures with captions or of classes.
    /// </param>
    /// <param name="options">How to read it; <see cref="DataReadOptions.Default"/> when left out.</param>
    /// <returns>The samples, read when they are asked for; the order is the file's, in folders that of the names' bytes.</returns>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no dataset of a known layout.</exception>
    public static IDataset Open(string path, DataReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= DataReadOptions.Default;
        if (!Path.Exists(path))
        {
            throw new FileNotFoundException($"There is no file or folder '{path}'. Check the path.", path);
        }

        return (options.Format ?? FormatOf(path)) switch
        {
            DataFormat.Records => new RecordDataset(path, options),
            DataFormat.CaptionFolder => Captions(path, options),
            DataFormat.ClassFolder => new ClassFolderDataset(path, options),
            DataFormat.Idx => IdxDataset.Open(path),
            { } other => throw new ArgumentOutOfRangeException(nameof(options), other, "No such format."),
        };
    }

    /// <summary>Opens a dataset that an entry of LLaMA-Factory's <c>dataset_info.json</c> describes.</summary>
    /// <param name="infoPath">The file.</param>
    /// <param name="name">The entry's name.</param>
    /// <param name="options">Where media lie; the entry sets the columns.</param>
    /// <exception cref="IOException">A file is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">There is no such entry, or it names no file.</exception>
    public static IDataset OpenEntry(string infoPath, string name, DataReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(infoPath);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= DataReadOptions.Default;
        using JsonDocument info = Parse(infoPath);
        if (info.RootElement.ValueKind != JsonValueKind.Object || !info.RootElement.TryGetProperty(name, out JsonElement entry))
        {
            string known = info.RootElement.ValueKind == JsonValueKind.Object
                ? string.Join(", ", info.RootElement.EnumerateObject().Select(one => one.Name)) : "none";
            throw new InvalidDataException($"'{infoPath}' has no entry '{name}'; there are {known}. Name one of them.");
        }

        if (entry.Get("file_name").Text() is not { } file)
        {
            throw new InvalidDataException(
                $"The entry '{name}' of '{infoPath}' has no 'file_name'. Datasets of a hub are not fetched: download it and name its "
                + "file.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(infoPath))!;
        return Open(Path.Combine(folder, file), options with
        {
            Columns = DataColumns.FromJson(entry),
            MediaRoot = options.MediaRoot ?? folder,
        });
    }

    /// <summary>The layout of a file or folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <exception cref="InvalidDataException">A folder is of none.</exception>
    public static DataFormat FormatOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            return Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? DataFormat.CaptionFolder
                : IdxFile.IsPictures(path) ? DataFormat.Idx
                : DataFormat.Records;
        }

        if (MetadataOf(path) is not null)
        {
            return DataFormat.CaptionFolder;
        }

        if (IdxDataset.PictureFiles(path).Any())
        {
            return DataFormat.Idx;
        }

        if (Pictures(path).Any(picture => File.Exists(Path.ChangeExtension(picture, ".txt"))))
        {
            return DataFormat.CaptionFolder;
        }

        // One folder of pictures is no classes, and beside files of records it is where their pictures are.
        int classes = Directory.EnumerateDirectories(path).Count(folder => Pictures(folder).Any());
        string[] records = [.. Directory.EnumerateFiles(path, "*.json*").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        if (classes > 1 && records.Length == 0)
        {
            return DataFormat.ClassFolder;
        }

        throw new InvalidDataException(
            $"The folder '{path}' is no dataset: it has neither metadata.jsonl or metadata.csv, nor pictures with a .txt beside them, "
            + "nor two or more folders of pictures, one a class, without files of records beside them. "
            + (records.Length > 0 ? $"Name one of its files: {string.Join(", ", records.Take(8))}." : "Name a file of JSON records."));
    }

    /// <summary>The pictures right in a folder, by their endings, in the order of their names' bytes.</summary>
    internal static IEnumerable<string> Pictures(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => PictureEndings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    /// <summary>Parses a whole JSON file.</summary>
    internal static JsonDocument Parse(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            return JsonDocument.Parse(stream);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"'{path}' is no JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}. Write it anew."), error);
        }
    }

    private static string? MetadataOf(string folder) => new[] { "metadata.jsonl", "metadata.csv" }
        .Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static CheckedDataset Captions(string path, DataReadOptions options)
    {
        string? table = Directory.Exists(path) ? MetadataOf(path) : path;
        return table is null ? new TextBesideDataset(path, options)
            : Path.GetExtension(table).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? new CsvDataset(table, options)
            : new RecordDataset(table, options, pictureKey: "file_name");
    }
}
