using System.Text.Json;

namespace Percept.Models;

/// <summary>Reads files of settings, and the values in them.</summary>
internal static class JsonSettings
{
    /// <summary>Whether a value is a whole number that fits; <c>4.0</c> is one too.</summary>
    internal static bool TryInt(JsonElement value, out int number)
    {
        number = 0;
        if (value.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        if (value.TryGetInt32(out number))
        {
            return true;
        }

        double real = value.GetDouble();
        bool fits = Math.Abs(real) <= int.MaxValue && Math.Floor(real) == real;
        number = fits ? (int)real : 0;
        return fits;
    }

    /// <summary>A value that must be a whole number.</summary>
    internal static int Int(string name, JsonElement value) =>
        TryInt(value, out int number) ? number : throw Wrong(name, value, "a whole number");

    /// <summary>A value that must be a finite number.</summary>
    internal static double Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && double.IsFinite(number)
            ? number
            : throw Wrong(name, value, "a number");

    /// <summary>A value that must be true or false.</summary>
    internal static bool Flag(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, value, "true or false"),
    };

    /// <summary>A value that must be a text.</summary>
    internal static string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? WholeText(name, value) : throw Wrong(name, value, "a text");

    /// <summary>A text among the settings; null when there is none of this name, or something that is no text.</summary>
    internal static string? TextOf(JsonElement settings, string name) =>
        settings.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? WholeText(name, text)
            : null;

    internal static InvalidDataException Wrong(string name, JsonElement value, string expected) =>
        new($"The setting '{name}' is {value.GetRawText()}, expected {expected}.");

    /// <summary>Checks that settings are an object whose texts are all well-formed, so that none of them fails later.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    internal static void CheckObject(JsonElement settings)
    {
        if (settings.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"Settings are {settings.ValueKind}, expected an object.");
        }

        CheckTexts("", settings);
    }

    /// <summary>The object that a file of a folder holds; null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON object, or one of its texts is broken.</exception>
    internal static JsonElement? Find(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? InFile(path, document.RootElement, static root =>
                {
                    CheckTexts("", root);
                    return root.Clone();
                })
                : throw new InvalidDataException($"'{path}' holds {document.RootElement.ValueKind}, expected an object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {error.Message}", error);
        }
    }

    /// <summary>Does something with what a file holds: an error about a setting names the file, too.</summary>
    internal static TResult InFile<TValue, TResult>(string path, TValue value, Func<TValue, TResult> make)
    {
        try
        {
            return make(value);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}': {error.Message}", error);
        }
        catch (NotSupportedException error)
        {
            throw new NotSupportedException($"'{path}': {error.Message}", error);
        }
    }

    /// <summary>
    /// Escapes of JSON can spell half a character (a lone surrogate), which is no text and which the reader of texts refuses
    /// with an error of no use to a caller.
    /// </summary>
    private static void CheckTexts(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                WholeText(name, value);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    CheckTexts(name, item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    CheckTexts(NameOf(property, name), property.Value);
                }

                break;
        }
    }

    private static string WholeText(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException(
                $"The setting '{name}' is {value.GetRawText()}, which holds half a surrogate pair; expected whole characters.", error);
        }
    }

    private static string NameOf(JsonProperty property, string owner)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException(
                $"A name {(owner.Length == 0 ? "among the settings" : $"in the setting '{owner}'")} holds half a surrogate pair; " +
                "expected whole characters.", error);
        }
    }
}
