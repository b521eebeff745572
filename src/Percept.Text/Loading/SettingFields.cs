using System.Text.Json;

namespace Percept.Text;

/// <summary>The settings of a JSON object; null counts as left out.</summary>
internal readonly struct SettingFields(JsonElement json, string file)
{
    /// <summary>The file's name, for errors.</summary>
    internal string File => file;

    internal static InvalidDataException Wrong(string file, string name, JsonElement value, string expected)
    {
        string found = value.GetRawText();
        found = found.Length > 80 ? found[..80] + "…" : found;
        return new InvalidDataException(
            $"'{file}' is broken: '{name}' is {found}, expected {expected}. Take the tokenizer's files from their source again.");
    }

    internal JsonElement? Find(string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    internal string? Text(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(file, name, value, "a text");

    internal bool? Flag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(file, name, value, "true or false");

    internal TextSide? Side(string name) => Text(name) switch
    {
        null => null,
        "left" => TextSide.Left,
        "right" => TextSide.Right,
        _ => throw Wrong(file, name, Find(name)!.Value, "'left' or 'right'"),
    };

    /// <summary>A length; null where it is left out or written as a number beyond all use (10^30 there).</summary>
    internal long? Length(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || value.GetDouble() < 0)
        {
            throw Wrong(file, name, value, "a length");
        }

        return value.TryGetInt64(out long length) ? length
            : value.GetDouble() < 1e15 ? (long)value.GetDouble()
            : null;
    }
}
