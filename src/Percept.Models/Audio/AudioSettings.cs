using System.Text.Json;

namespace Percept.Models;

/// <summary>The settings of an audio processor: the file's, and the call's, which hold instead.</summary>
internal sealed class AudioSettings
{
    /// <summary>Arguments of the call that change no number.</summary>
    private static readonly HashSet<string> s_descriptive = new(StringComparer.Ordinal) { "return_tensors", "device", "sampling_rate" };

    private readonly JsonElement? _file;
    private readonly JsonElement? _call;
    private readonly JsonElement? _model;
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    /// <summary>Holds settings.</summary>
    /// <param name="file">The processor's own.</param>
    /// <param name="call">The call's.</param>
    /// <param name="model">Those of the processor around it.</param>
    internal AudioSettings(JsonElement? file, JsonElement? call, JsonElement? model = null)
    {
        foreach (JsonElement? layer in (ReadOnlySpan<JsonElement?>)[file, call])
        {
            if (layer is { } settings)
            {
                JsonSettings.CheckObject(settings);
            }
        }

        _file = file;
        _call = call;
        _model = model;
        if (call is { } given)
        {
            _unread.UnionWith(given.EnumerateObject().Select(setting => setting.Name));
            _unread.ExceptWith(s_descriptive);
        }
    }

    /// <summary>No settings: a class's own defaults.</summary>
    internal static AudioSettings Empty => new(null, null);

    internal IReadOnlyList<string> UnreadOverrides => [.. _unread.Order(StringComparer.Ordinal)];

    /// <summary>A setting of the call alone.</summary>
    internal JsonElement? FindInCall(string name)
    {
        _unread.Remove(name);
        return In(_call, name);
    }

    /// <summary>A setting of the processor around the feature extractor: the call's, or its file's.</summary>
    internal int IntOfModel(string name, int missing) =>
        (FindInCall(name) ?? In(_model, name)) is { } found && JsonSettings.Int(name, found) is var value
            ? value >= 1 ? value : throw JsonSettings.Wrong(name, found, "a whole number from 1")
            : missing;

    internal bool Flag(string name, bool missing) => Find(name) is { } found ? JsonSettings.Flag(name, found) : missing;

    internal int Int(string name, int missing, int least = 1)
    {
        int value = Find(name) is { } found ? JsonSettings.Int(name, found) : missing;
        return value >= least
            ? value
            : throw new InvalidDataException(FormattableString.Invariant(
                $"The setting '{name}' is {value}, expected a whole number from {least}."));
    }

    internal double Number(string name, double missing) => Find(name) is { } found ? JsonSettings.Number(name, found) : missing;

    internal double[]? Numbers(string name, int count)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        return found.ValueKind == JsonValueKind.Array && found.GetArrayLength() == count
            ? [.. found.EnumerateArray().Select(item => JsonSettings.Number(name, item))]
            : throw JsonSettings.Wrong(name, found, $"{count} numbers");
    }

    internal string Text(string name, string missing) => Find(name) is { } found ? JsonSettings.Text(name, found) : missing;

    /// <summary>A setting that is accepted only when it is off.</summary>
    internal void OnlyZero(string name)
    {
        if (Number(name, 0) != 0)
        {
            throw new NotSupportedException(FormattableString.Invariant(
                $"The setting '{name}' is {Number(name, 0)}; features with noise added are not supported, set it to 0."));
        }
    }

    private JsonElement? Find(string name) => FindInCall(name) ?? In(_file, name);

    private static JsonElement? In(JsonElement? layer, string name) =>
        layer is { } settings && settings.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
