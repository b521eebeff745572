using System.Text;
using System.Text.Json;

namespace Percept.Evaluation;

/// <summary>Reads files of data sets with errors that name file and line.</summary>
internal static class DataFiles
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path of a file that must be there.</summary>
    internal static string Require(string path, string what) => File.Exists(path)
        ? path
        : throw new FileNotFoundException($"There is no '{path}' ({what}). Check the folder and the split.", path);

    /// <summary>The objects of a JSON-lines file with the numbers of their lines; empty lines are passed over.</summary>
    internal static IEnumerable<(int Line, JsonElement Value)> JsonLines(string path)
    {
        using IEnumerator<string> lines = File.ReadLines(path, s_strict).GetEnumerator();
        for (int number = 1; Next(lines, path, number); number++)
        {
            if (!string.IsNullOrWhiteSpace(lines.Current))
            {
                yield return (number, Parse(lines.Current, path, number));
            }
        }
    }

    /// <summary>A text of a record.</summary>
    internal static string Text(JsonElement record, string key, string place) =>
        FindText(record, key, place) ?? throw new InvalidDataException($"{place}: there is no \"{key}\".");

    /// <summary>A text or a number of a record; null where it has no such key.</summary>
    internal static string? FindText(JsonElement record, string key, string place) =>
        Find(record, key, place) is { } value ? AsText(value, key, place) : null;

    /// <summary>The texts of a list, or the one text, of a record; none where it has no such key.</summary>
    internal static string[] Texts(JsonElement record, string key, string place) => Find(record, key, place) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => AsText(item, key, place))]
        : [AsText(value, key, place)];

    /// <summary>The right answers under a key. A list of four numbers in a list is one box.</summary>
    /// <param name="record">The record.</param>
    /// <param name="key">The key.</param>
    /// <param name="place">File and line.</param>
    /// <param name="mayBeBox">Whether the list itself is a box where it has four numbers.</param>
    internal static string[] Answers(JsonElement record, string key, string place, bool mayBeBox) =>
        Find(record, key, place) is not { } value ? []
        : mayBeBox && IsBox(value) ? [Box(value)]
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => IsBox(item) ? Box(item) : AsText(item, key, place))]
            : [AsText(value, key, place)];

    private static bool IsBox(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 4
        && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number);

    private static string Box(JsonElement value) => $"[{string.Join(", ", value.EnumerateArray().Select(item => item.GetRawText()))}]";

    /// <summary>A value that is there and not null.</summary>
    private static JsonElement? Find(JsonElement record, string key, string place)
    {
        try
        {
            return record.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException error)
        {
            throw NoUnicode(key, place, error);
        }
    }

    private static string AsText(JsonElement value, string key, string place)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number => value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => throw new InvalidDataException($"{place}: \"{key}\" is {value.ValueKind}, expected a text."),
            };
        }
        catch (InvalidOperationException error)
        {
            throw NoUnicode(key, place, error);
        }
    }

    /// <summary>Half of a surrogate pair: the parser lets it pass, reading the text does not.</summary>
    private static InvalidDataException NoUnicode(string key, string place, InvalidOperationException error) => new(
        $"{place}: the text of \"{key}\" is no Unicode ({error.Message.TrimEnd('.')}). Write the line anew.", error);

    /// <summary>Goes to the next line. Bytes are decoded ahead: those that are no UTF-8 may stand some lines behind.</summary>
    private static bool Next(IEnumerator<string> lines, string path, int number)
    {
        try
        {
            return lines.MoveNext();
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException(
                $"{path}:{number}: in or behind this line there are bytes that are no UTF-8. Write the file anew in UTF-8.", error);
        }
    }

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
