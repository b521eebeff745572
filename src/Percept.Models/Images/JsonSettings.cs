using System.Text.Json;

namespace Percept.Models;

/// <summary>Reads files of settings.</summary>
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

    /// <summary>The object that a file of a folder holds; null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON object.</exception>
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
                ? document.RootElement.Clone()
                : throw new InvalidDataException($"'{path}' holds {document.RootElement.ValueKind}, expected an object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {error.Message}", error);
        }
    }
}
