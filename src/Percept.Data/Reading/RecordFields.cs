using System.Text.Json;

namespace Percept.Data;

/// <summary>Reads fields of records.</summary>
internal static class RecordFields
{
    /// <summary>The first of several keys that the record has with a value other than null.</summary>
    internal static JsonElement? Get(this JsonElement record, params ReadOnlySpan<string?> keys)
    {
        foreach (string? key in keys)
        {
            if (key is not null && record.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>A text field; numbers count as texts, all else is null.</summary>
    internal static string? Text(this JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.String => value.Value.GetString(),
        JsonValueKind.Number => value.Value.GetRawText(),
        _ => null,
    };

    /// <summary>Whether a field is a text.</summary>
    internal static bool IsText(this JsonElement? value) => value?.ValueKind == JsonValueKind.String;

    /// <summary>Whether a field is a list.</summary>
    internal static bool IsList(this JsonElement? value) => value?.ValueKind == JsonValueKind.Array;

    /// <summary>Whether a field is an object.</summary>
    internal static bool IsObject(this JsonElement? value) => value?.ValueKind == JsonValueKind.Object;
}
