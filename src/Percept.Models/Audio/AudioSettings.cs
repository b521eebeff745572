using System.Text.Json;

namespace Percept.Models;

/// <summary>The settings of an audio processor: the file's, and the call's, which hold instead.</summary>
internal sealed class AudioSettings
{
    /// <summary>Arguments of the call that change no number.</summary>
    private static readonly HashSet<string> s_descriptive = new(StringComparer.Ordinal) { "return_tensors", "device", "sampling_rate" };

    private readonly JsonElement _file;
    private readonly JsonElement? _call;
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    internal AudioSettings(JsonElement file, JsonElement? call)
    {
        foreach (JsonElement layer in (ReadOnlySpan<JsonElement>)[file, call ?? file])
        {
            if (layer.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"The settings of an audio processor are {layer.ValueKind}, expected an object.");
            }
        }

        _file = file;
        _call = call;
        if (call is { } given)
        {
            _unread.UnionWith(given.EnumerateObject().Select(setting => setting.Name));
            _unread.ExceptWith(s_descriptive);
        }
    }

    internal IReadOnlyList<string> UnreadOverrides => [.. _unread.Order(StringComparer.Ordinal)];

    /// <summary>The object that a file holds; null when there is no such file.</summary>
    internal static JsonElement? ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {error.Message}", error);
        }
    }

    /// <summary>A setting of the call alone.</summary>
    internal JsonElement? FindInCall(string name)
    {
        _unread.Remove(name);
        return _call is { } call && call.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    internal bool Flag(string name, bool missing) => Find(name) is not { } found
        ? missing
        : found.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, found, "true or false"),
        };

    internal int Int(string name, int missing, int least = 1)
    {
        int value = Find(name) is { } found ? AsInt(name, found) : missing;
        return value >= least
            ? value
            : throw new InvalidDataException(FormattableString.Invariant(
                $"The setting '{name}' is {value}, expected a whole number from {least}."));
    }

    internal double Number(string name, double missing) => Find(name) is { } found ? AsNumber(name, found) : missing;

    internal double[]? Numbers(string name, int count)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        return found.ValueKind == JsonValueKind.Array && found.GetArrayLength() == count
            ? [.. found.EnumerateArray().Select(item => AsNumber(name, item))]
            : throw Wrong(name, found, $"{count} numbers");
    }

    internal string Text(string name, string missing) => Find(name) is not { } found ? missing
        : found.ValueKind == JsonValueKind.String ? found.GetString()!
        : throw Wrong(name, found, "a text");

    /// <summary>A setting that is accepted only when it is off.</summary>
    internal void OnlyZero(string name)
    {
        if (Number(name, 0) != 0)
        {
            throw new NotSupportedException(FormattableString.Invariant(
                $"The setting '{name}' is {Number(name, 0)}; features with noise added are not supported, set it to 0."));
        }
    }

    internal static int AsInt(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        && Math.Abs(number) <= int.MaxValue && Math.Floor(number) == number
            ? (int)number
            : throw Wrong(name, value, "a whole number");

    internal static InvalidDataException Wrong(string name, JsonElement value, string expected) =>
        new($"The setting '{name}' is {value.GetRawText()}, expected {expected}.");

    private JsonElement? Find(string name) => FindInCall(name)
        ?? (_file.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null);

    private static double AsNumber(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(name, value, "a number");
}
