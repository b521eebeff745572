using System.Text.Json;

namespace Percept.Evaluation;

/// <summary>Reads files of data sets with errors that name file and line.</summary>
internal static class DataFiles
{
    /// <summary>The path of a file that must be there.</summary>
    internal static string Require(string path, string what) => File.Exists(path)
        ? path
        : throw new FileNotFoundException($"There is no '{path}' ({what}). Check the folder and the split.", path);

    /// <summary>The objects of a JSON-lines file with the numbers of their lines; empty lines are passed over.</summary>
    internal static IEnumerable<(int Line, JsonElement Value)> JsonLines(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, Parse(line, path, number));
            }
        }
    }

    /// <summary>A text of a record.</summary>
    internal static string Text(JsonElement record, string key, string place) =>
        FindText(record, key, place) ?? throw new InvalidDataException($"{place}: there is no \"{key}\".");

    /// <summary>A text or a number of a record; null where it has no such key.</summary>
    internal static string? FindText(JsonElement record, string key, string place) =>
        !record.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null : AsText(value, key, place);

    /// <summary>The texts of a list, or the one text, of a record; none where it has no such key.</summary>
    internal static string[] Texts(JsonElement record, string key, string place) =>
        !record.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => AsText(item, key, place))]
        : [AsText(value, key, place)];

    private static string AsText(JsonElement value, string key, string place) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new InvalidDataException($"{place}: \"{key}\" is {value.ValueKind}, expected a text."),
    };

    private static JsonElement Parse(string line, string path, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new InvalidDataException($"{path}:{number}: the line is {document.RootElement.ValueKind}, expected an object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}:{number}: the line is no JSON ({error.Message}).", error);
        }
    }
}
