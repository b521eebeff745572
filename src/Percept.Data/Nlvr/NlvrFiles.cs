using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Data;

/// <summary>Reads the files of the NLVR dataset.</summary>
/// <remarks>
/// Suhr, Lewis, Yeh, Artzi: "A Corpus of Natural Language for Visual Reasoning" (2017), CC BY 4.0. A folder has <c>train.jsonl</c>,
/// <c>dev.jsonl</c>, <c>test.jsonl</c>, <c>hidden.jsonl</c> with <c>sentence</c>, <c>label</c>, <c>identifier</c>, <c>directory</c> and
/// <c>structured_rep</c>, and the pictures in <c>train_perm0.zip</c>, <c>dev.zip</c>, <c>test.zip</c>, <c>hidden.zip</c>.
/// </remarks>
public static class NlvrFiles
{
    private const int ValidationStep = 10;

    private const long MostPictureBytes = 1 << 20;

    /// <summary>The statements of a part, in the file's order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The part.</param>
    /// <exception cref="IOException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">A line is broken; the message names file, line and reason.</exception>
    public static IReadOnlyList<NlvrRecord> Read(string folder, NlvrSplit split)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = PathsOf(folder, split).Statements;
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"'{folder}' has no '{Path.GetFileName(path)}', the statements of a part of NLVR. Name the folder of its files, and a part that is there.", path);
        }

        var records = new List<NlvrRecord>();
        var validated = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            NlvrRecord record;
            try
            {
                record = Parse(line);
            }
            catch (Exception error)
                when (error is JsonException or InvalidDataException or InvalidOperationException or FormatException)
            {
                throw new InvalidDataException($"{path}:{number}: {error.Message} Take the file from its source again.", error);
            }

            bool isValidation = split <= NlvrSplit.Validation && IsValidation(record);
            if (isValidation == (split == NlvrSplit.Validation))
            {
                records.Add(record);
            }
            else if (isValidation)
            {
                validated.Add(record.Scene.Key());
            }
        }

        // The dataset shows some scenes in several directories: 126 statements of Validation are about one that would be learnt.
        records.RemoveAll(record => validated.Count > 0 && validated.Contains(record.Scene.Key()));
        return records;
    }

    /// <summary>The files that a part stands in.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The part.</param>
    /// <returns>The file of the statements, and the archive of the pictures.</returns>
    public static (string Statements, string Pictures) PathsOf(string folder, NlvrSplit split)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string pictures = split <= NlvrSplit.Validation ? "train_perm0.zip" : Name(split) + ".zip";
        return (Path.Combine(folder, Name(split) + ".jsonl"), Path.Combine(folder, pictures));
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">A JSON object.</param>
    /// <exception cref="InvalidDataException">A field is missing or has a value that does not exist.</exception>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    internal static NlvrRecord Parse(string line)
    {
        JsonObject json = JsonNode.Parse(line) as JsonObject
            ?? throw new InvalidDataException("The line is no JSON object.");
        JsonArray boxes = json["structured_rep"] as JsonArray ?? throw Missing("structured_rep");
        if (boxes.Count != 3)
        {
            throw new InvalidDataException($"'structured_rep' has {boxes.Count} boxes, expected 3.");
        }

        string label = Text(json, "label");
        return new NlvrRecord(
            Text(json, "sentence"),
            label switch
            {
                "true" => true,
                "false" => false,
                _ => throw new InvalidDataException($"'label' is '{label}', expected 'true' or 'false'."),
            },
            Text(json, "identifier"),
            json["directory"]?.ToString() ?? "",
            new NlvrScene([.. boxes.Select(box => (IReadOnlyList<NlvrItem>)
                [.. (box as JsonArray ?? throw Missing("structured_rep")).Select(item => Item(item as JsonObject))])]));
    }

    /// <summary>The pictures of a part by the names of their files without folders, read into memory.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The part.</param>
    /// <exception cref="IOException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or a picture in it is too large.</exception>
    internal static Dictionary<string, byte[]> Pictures(string folder, NlvrSplit split)
    {
        string path = PathsOf(folder, split).Pictures;
        var pictures = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using ZipArchive zip = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.Name.EndsWith(".png", StringComparison.Ordinal)))
        {
            if (entry.Length > MostPictureBytes)
            {
                throw new InvalidDataException(
                    $"{path}: '{entry.FullName}' has {entry.Length} bytes; pictures have at most {MostPictureBytes}.");
            }

            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            pictures[entry.Name] = bytes;
        }

        return pictures;
    }

    internal static string Name(NlvrSplit split) => split switch
    {
        NlvrSplit.Train or NlvrSplit.Validation => "train",
        NlvrSplit.Dev => "dev",
        NlvrSplit.Test => "test",
        NlvrSplit.Hidden => "hidden",
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "There is no such part."),
    };

    private static bool IsValidation(NlvrRecord record) =>
        int.TryParse(record.Directory, CultureInfo.InvariantCulture, out int number) && number % ValidationStep == ValidationStep - 1;

    private static NlvrItem Item(JsonObject? json)
    {
        JsonObject item = json ?? throw Missing("structured_rep");
        string type = Text(item, "type"), color = Text(item, "color");
        return new NlvrItem(
            type switch
            {
                "square" => NlvrShape.Square,
                "circle" => NlvrShape.Circle,
                "triangle" => NlvrShape.Triangle,
                _ => throw new InvalidDataException($"'type' is '{type}', expected square, circle or triangle."),
            },
            color.ToLowerInvariant() switch
            {
                "black" => NlvrColor.Black,
                "yellow" => NlvrColor.Yellow,
                "#0099ff" => NlvrColor.Blue,
                _ => throw new InvalidDataException($"'color' is '{color}', expected Black, Yellow or #0099ff."),
            },
            Number(item, "x_loc"), Number(item, "y_loc"), Number(item, "size"));
    }

    private static string Text(JsonObject json, string key) => json[key]?.GetValue<string>() ?? throw Missing(key);

    private static int Number(JsonObject json, string key) => (int)(json[key]?.GetValue<double>() ?? throw Missing(key));

    private static InvalidDataException Missing(string key) => new($"'{key}' is missing or of another type.");
}
