using System.Text.Json;

namespace Percept.Text;

/// <summary>One object of a <c>tokenizer.json</c>: what is never asked for is an error in the end.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    internal JsonFields(JsonElement element, string where)
    {
        Where = where;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{where} is {Show(element)}, expected an object.");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            string name = property.Name;
            _values[name] = property.Value;
            _unread.Add(name);
        }
    }

    /// <summary>What the object is, for messages.</summary>
    internal string Where { get; }

    /// <summary>Whether a field is there, even when null.</summary>
    internal bool Has(string name) => _values.ContainsKey(name);

    /// <summary>A field; null when it is missing or null.</summary>
    internal JsonElement? Find(string name)
    {
        _unread.Remove(name);
        return _values.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    internal JsonElement Need(string name) =>
        Find(name) ?? throw new InvalidDataException($"{Where} has no '{name}'.");

    internal string Text(string name) => AsText(Need(name), Name(name));

    internal string? TextOrNull(string name) => Find(name) is { } value ? AsText(value, Name(name)) : null;

    internal bool Flag(string name, bool missing) => FlagOrNull(name) ?? missing;

    internal bool? FlagOrNull(string name) => Find(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new InvalidDataException($"{Name(name)} is {Show(Need(name))}, expected true or false."),
    };

    internal int Number(string name) => AsNumber(Need(name), Name(name));

    internal int? NumberOrNull(string name) => Find(name) is { } value ? AsNumber(value, Name(name)) : null;

    /// <summary>The items of a list.</summary>
    internal IEnumerable<JsonElement> List(string name) => AsList(Need(name), Name(name));

    /// <summary>Fails when fields are left that nobody asked for.</summary>
    internal void Done()
    {
        if (_unread.Count > 0)
        {
            throw new NotSupportedException($"{Where} has the field '{_unread.First()}', which is not supported.");
        }
    }

    internal static string AsText(JsonElement value, string where) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new InvalidDataException($"{where} is {Show(value)}, expected a text.");

    internal static int AsNumber(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
            ? number
            : throw new InvalidDataException($"{where} is {Show(value)}, expected a whole number from 0 to {int.MaxValue}.");

    internal static IEnumerable<JsonElement> AsList(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw new InvalidDataException($"{where} is {Show(value)}, expected a list.");

    /// <summary>A value for a message, cut to a readable length.</summary>
    internal static string Show(JsonElement value)
    {
        const int Longest = 60;
        string raw = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => value.GetRawText(),
        };
        return raw.Length <= Longest ? raw : $"{raw[..Longest]}…";
    }

    private string Name(string name) => $"'{name}' of {Where}";
}
