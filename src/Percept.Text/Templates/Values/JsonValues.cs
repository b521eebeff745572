using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>JSON to values, as Python's <c>json.loads</c> does it.</summary>
internal static class JsonValues
{
    private const int MaxDepth = 256;
    private const int MaxDigits = 4300;

    internal static Value Read(JsonElement element, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"The JSON nests deeper than {MaxDepth} levels; flatten it.");
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return Value.From(element.GetString());
            case JsonValueKind.True:
                return Value.True;
            case JsonValueKind.False:
                return Value.False;
            case JsonValueKind.Number:
                return ReadNumber(element);
            case JsonValueKind.Array:
                var items = new Value[element.GetArrayLength()];
                int count = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    items[count++] = Read(item, depth + 1);
                }

                return new Value(new PyList(ValueKind.List, items, count));
            case JsonValueKind.Object:
                var dict = new PyDict(element.GetPropertyCount());
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    dict.Set(Value.From(CommonNames.Of(property)), Read(property.Value, depth + 1));
                }

                return new Value(dict);
            default:
                return Value.None;
        }
    }

    private static Value ReadNumber(JsonElement element)
    {
        if (element.TryGetInt64(out long number))
        {
            return Value.From(number);
        }

        string text = element.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            return Value.From(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        return text.Length <= MaxDigits
            ? Value.From(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : throw new InvalidDataException($"A whole number has {text.Length} digits, at most {MaxDigits} are allowed.");
    }

    /// <summary>The names that messages use are shared, so that they are not made anew for every message.</summary>
    private static class CommonNames
    {
        private static readonly string[] s_names =
        [
            "role", "content", "type", "text", "name", "function", "arguments", "tool_calls", "id", "tool_call_id",
            "reasoning_content", "thinking", "image", "image_url", "video", "audio", "description", "parameters", "properties",
            "required",
        ];

        internal static string Of(JsonProperty property)
        {
            foreach (string name in s_names)
            {
                if (property.NameEquals(name))
                {
                    return name;
                }
            }

            return property.Name;
        }
    }
}
