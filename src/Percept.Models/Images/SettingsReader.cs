using System.Globalization;
using System.Text.Json;

namespace Percept.Models;

/// <summary>
/// Reads the settings of a processor out of layers: what the caller overrides, the processor's own file, the file of the
/// whole model's processor. Knows in the end which settings nobody asked for, and what each of the others came to.
/// </summary>
/// <remarks>A setting that is <c>null</c> in a file is not set. An override that is <c>null</c> switches a flag off.</remarks>
internal sealed class SettingsReader
{
    /// <summary>Settings that describe the file or the calling program; they change no pixel.</summary>
    private static readonly HashSet<string> s_descriptive = new(StringComparer.Ordinal)
    {
        "image_processor_type", "feature_extractor_type", "processor_class", "auto_map", "_valid_processor_keys",
        "data_format", "input_data_format", "device", "disable_grouping", "return_tensors", "model_input_names",
    };

    /// <summary>No count or side in the settings of a real processor comes near it.</summary>
    private const int GreatestNumber = 1 << 20;

    private readonly JsonElement? _overrides;
    private readonly JsonElement? _file;
    private readonly JsonElement? _model;
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, string>> _effective = [];

    /// <summary>Makes a reader.</summary>
    /// <param name="file">The processor's own settings.</param>
    /// <param name="overrides">What the caller overrides.</param>
    /// <param name="model">The settings of the processor around it; its unread ones are not reported.</param>
    internal SettingsReader(JsonElement? file, JsonElement? overrides = null, JsonElement? model = null)
    {
        _file = file;
        _overrides = overrides;
        _model = model;
        foreach (JsonElement? layer in (ReadOnlySpan<JsonElement?>)[file, overrides])
        {
            if (layer is not { } settings)
            {
                continue;
            }

            JsonSettings.CheckObject(settings);
            _unread.UnionWith(settings.EnumerateObject().Select(setting => setting.Name));
        }

        _unread.ExceptWith(s_descriptive);
    }

    /// <summary>The settings that nobody asked for, in order of their names.</summary>
    internal IReadOnlyList<string> Unread => [.. _unread.Order(StringComparer.Ordinal)];

    /// <summary>Every setting that was asked for, with the value that holds.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Effective => _effective;

    /// <summary>A setting; null when it is not set in any layer. Marks it as read.</summary>
    internal JsonElement? Find(string name) => FindOverride(name) ?? FindInFile(name) ?? In(_model, name);

    /// <summary>A setting among the overrides alone. Marks it as read.</summary>
    internal JsonElement? FindOverride(string name)
    {
        _unread.Remove(name);
        return In(_overrides, name);
    }

    /// <summary>A setting in the processor's own file alone. Marks it as read.</summary>
    internal JsonElement? FindInFile(string name)
    {
        _unread.Remove(name);
        return In(_file, name);
    }

    /// <summary>A setting in the processor's own file that an override does not replace: one of the same name stays unread.</summary>
    internal JsonElement? FindInFileAlone(string name)
    {
        if (In(_overrides, name) is null)
        {
            _unread.Remove(name);
        }

        return In(_file, name);
    }

    internal bool Flag(string name, bool missing)
    {
        if (_overrides is { } given && given.TryGetProperty(name, out JsonElement none) && none.ValueKind == JsonValueKind.Null)
        {
            _unread.Remove(name);
            return Note(name, false, "false");
        }

        bool value = Find(name) is { } found ? JsonSettings.Flag(name, found) : missing;
        return Note(name, value, value ? "true" : "false");
    }

    internal int Int(string name, int missing, int least = 1, int most = GreatestNumber) =>
        IntOrNone(name, missing, least, most)!.Value;

    internal int? IntOrNone(string name, int? missing = null, int least = 1, int most = GreatestNumber)
    {
        int? value = Find(name) is { } found ? JsonSettings.Int(name, found) : missing;
        if (value < least || value > most)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"The setting '{name}' is {value}, expected a whole number from {least} to {most}."));
        }

        return Note(name, value, value?.ToString(CultureInfo.InvariantCulture) ?? "null");
    }

    internal double Number(string name, double missing)
    {
        double value = Find(name) is { } found ? JsonSettings.Number(name, found) : missing;
        return Note(name, value, value.ToString("r", CultureInfo.InvariantCulture));
    }

    internal string? Text(string name, string? missing)
    {
        string? value = Find(name) is { } found ? JsonSettings.Text(name, found) : missing;
        return Note(name, value, value is null ? "null" : $"\"{value}\"");
    }

    /// <summary>A number for each of red, green and blue; a single number is for all.</summary>
    internal double[] Channels(string name, double[] missing)
    {
        double[] value = missing;
        if (Find(name) is { } found)
        {
            value = found.ValueKind == JsonValueKind.Array
                ? [.. found.EnumerateArray().Select(item => JsonSettings.Number(name, item))]
                : [JsonSettings.Number(name, found)];
            value = value.Length == 1 ? [value[0], value[0], value[0]] : value;
            if (value.Length != 3)
            {
                throw JsonSettings.Wrong(name, found, "one number or three");
            }
        }

        return Note(name, value, $"[{string.Join(", ", value.Select(v => v.ToString("r", CultureInfo.InvariantCulture)))}]");
    }

    /// <summary>A list of <c>[height, width]</c>.</summary>
    internal ImageSize[] Sizes(string name, ImageSize[] missing)
    {
        ImageSize[] value = missing;
        if (Find(name) is { } found)
        {
            value = found.ValueKind == JsonValueKind.Array && found.GetArrayLength() > 0
                ? [.. found.EnumerateArray().Select(item => AsSize(name, item))]
                : throw JsonSettings.Wrong(name, found, "a list of [height, width]");
        }

        return Note(name, value, $"[{string.Join(", ", value.Select(size => $"[{size.Height}, {size.Width}]"))}]");
    }

    /// <summary>A size in any spelling.</summary>
    internal SizeSetting Size(string name, SizeSetting missing, bool square) =>
        Size(name, Find(name) is { } found ? SizeSetting.Read(name, found, square) : missing);

    /// <summary>A size that is not set by default.</summary>
    internal SizeSetting? SizeOrNone(string name, SizeSetting? missing, bool square)
    {
        SizeSetting? value = Find(name) is { } found ? SizeSetting.Read(name, found, square) : missing;
        return Note(name, value, value?.ToString() ?? "null");
    }

    /// <summary>Tells what a size came to that a family puts together itself.</summary>
    internal SizeSetting Size(string name, SizeSetting value) => Note(name, value, value.ToString());

    internal ResampleKind Resample(string name, ResampleKind missing)
    {
        ResampleKind value = missing;
        if (Find(name) is { } found)
        {
            value = found.ValueKind switch
            {
                JsonValueKind.Number when found.TryGetInt32(out int number) && Enum.IsDefined((ResampleKind)number) =>
                    (ResampleKind)number,
                JsonValueKind.String when Enum.TryParse(found.GetString(), ignoreCase: true, out ResampleKind kind)
                    && Enum.IsDefined(kind) => kind,
                _ => throw JsonSettings.Wrong(
                    name, found, "0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) or 5 (hamming)"),
            };
        }

        return Note(name, value, ((int)value).ToString(CultureInfo.InvariantCulture));
    }

    private static JsonElement? In(JsonElement? layer, string name) =>
        layer is { } settings && settings.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static ImageSize AsSize(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
        {
            throw JsonSettings.Wrong(name, value, "[height, width]");
        }

        var size = new ImageSize(JsonSettings.Int(name, value[0]), JsonSettings.Int(name, value[1]));
        return size is { Height: >= 1, Width: >= 1 } ? size : throw JsonSettings.Wrong(name, value, "[height, width] from 1");
    }

    private T Note<T>(string name, T value, string text)
    {
        _effective.RemoveAll(pair => pair.Key == name);
        _effective.Add(new(name, text));
        return value;
    }
}
