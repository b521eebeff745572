using System.Text.Json;

namespace Percept.Conformance;

/// <summary>
/// The settings of a run. What is never asked for is an error in the end: nothing is silently ignored.
/// </summary>
internal sealed class RunArgs
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    internal RunArgs(JsonElement values)
    {
        foreach (JsonProperty property in values.EnumerateObject())
        {
            _values[property.Name] = property.Value;
            _unread.Add(property.Name);
        }
    }

    /// <summary>The names of the settings that nobody asked for.</summary>
    internal IReadOnlyCollection<string> Unread => _unread;

    /// <summary>Whether a setting is there and not null. Marks it as read.</summary>
    internal bool Has(string name) => Find(name) is not null;

    /// <summary>Marks a setting that only describes the inputs.</summary>
    internal void Skip(string name) => _unread.Remove(name);

    /// <summary>The first of several names that is set; the first of all when none is.</summary>
    internal string Name(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (_values.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return name;
            }
        }

        return names[0];
    }

    /// <summary>Accepts a setting only with its default value, given as JSON: Percept has nothing else.</summary>
    internal void Only(string name, params ReadOnlySpan<string> allowed)
    {
        if (Find(name) is { } value && !allowed.Contains(value.GetRawText()))
        {
            string rule = allowed.Length == 0 ? "which is not supported" : $"only {string.Join(" or ", allowed!)} is supported";
            throw new InvalidDataException($"The argument '{name}' is {value.GetRawText()}, {rule}.");
        }
    }

    internal JsonElement? Find(string name)
    {
        _unread.Remove(name);
        return _values.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    internal JsonElement Need(string name) =>
        Find(name) ?? throw new InvalidDataException($"The argument '{name}' is missing.");

    internal string Text(string name) => AsText(name, Need(name));

    internal string Text(string name, string missing) => Find(name) is { } value ? AsText(name, value) : missing;

    /// <summary>One of several values; any other is an error that lists them.</summary>
    internal string Choice(string name, string missing, params ReadOnlySpan<string> allowed)
    {
        string text = Text(name, missing);
        return allowed.Contains(text)
            ? text
            : throw new InvalidDataException(
                $"The argument '{name}' is '{text}', expected {string.Join(", ", allowed)}.");
    }

    internal bool Flag(string name, bool missing) => Find(name) is not { } value
        ? missing
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, value, "true or false"),
        };

    internal double Number(string name) => AsNumber(name, Need(name));

    internal double Number(string name, double missing) => Find(name) is { } value ? AsNumber(name, value) : missing;

    internal double? NumberOrNone(string name) => Find(name) is { } value ? AsNumber(name, value) : null;

    internal int Int(string name) => AsInt(name, Need(name));

    internal int Int(string name, int missing) => Find(name) is { } value ? AsInt(name, value) : missing;

    internal int? IntOrNone(string name) => Find(name) is { } value ? AsInt(name, value) : null;

    /// <summary>A list of whole numbers; a single number is a list of one.</summary>
    internal int[] Ints(string name) => AsInts(name, Need(name));

    internal int[]? IntsOrNone(string name) => Find(name) is { } value ? AsInts(name, value) : null;

    /// <summary>A number for each of several axes; a single number is for all.</summary>
    internal int[] Ints(string name, int count, int missing)
    {
        int[] values = Find(name) is { } value ? AsInts(name, value) : [missing];
        return Spread(name, values, count);
    }

    /// <summary>A number for each of several axes, which must be given; a single number is for all.</summary>
    internal int[] Ints(string name, int count) => Spread(name, Ints(name), count);

    internal double[] Numbers(string name)
    {
        JsonElement value = Need(name);
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => AsNumber(name, item))]
            : [AsNumber(name, value)];
    }

    internal static T[] Spread<T>(string name, T[] values, int count) =>
        values.Length == count ? values
        : values.Length == 1 ? [.. Enumerable.Repeat(values[0], count)]
        : throw new InvalidDataException($"The argument '{name}' has {values.Length} values, expected 1 or {count}.");

    internal static int AsInt(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Wrong(name, value, "a whole number");

    internal static double AsNumber(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Wrong(name, value, "a number");

    private static int[] AsInts(string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(item => AsInt(name, item))]
        : [AsInt(name, value)];

    internal static string AsText(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, value, "a text");

    private static InvalidDataException Wrong(string name, JsonElement value, string expected) =>
        new($"The argument '{name}' is {value.GetRawText()}, expected {expected}.");
}
