using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <summary>Reads schemas, and single values of them with the place in messages.</summary>
internal static class SchemaText
{
    private const int MaxLength = 4 << 20;

    internal static JsonNode Parse(string schema)
    {
        if (schema.Length > MaxLength)
        {
            throw new InvalidDataException($"The schema has {schema.Length} characters, more than {MaxLength}.");
        }

        try
        {
            // Parsed strictly first: nodes would report a name that stands twice only when it is used.
            JsonNode root = JsonNode.Parse(
                    schema, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 128 })
                ?? throw new InvalidDataException("The schema is null, expected an object, true or false.");
            ReadTexts(root);
            return root;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException("The schema has a name or a text that is not of whole characters (half a surrogate pair).", error);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The schema is not JSON: {error.Message}", error);
        }
    }

    /// <summary>Reads every name and text once: nodes are read when they are used, and fail then.</summary>
    private static void ReadTexts(JsonNode? node)
    {
        if (node is JsonObject owner)
        {
            foreach ((string _, JsonNode? value) in owner)
            {
                ReadTexts(value);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? item in list)
            {
                ReadTexts(item);
            }
        }
        else if (node?.GetValueKind() == JsonValueKind.String)
        {
            _ = node.GetValue<string>();
        }
    }

    internal static JsonObject Object(JsonNode? node, string path) =>
        node as JsonObject ?? throw Wrong(path, node, "an object");

    internal static JsonArray List(JsonNode? node, string path) => node as JsonArray ?? throw Wrong(path, node, "a list");

    internal static string Text(JsonNode? node, string path) =>
        node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(path, node, "a text");

    /// <summary>A whole number from 0; null when the keyword is not there.</summary>
    internal static int? Count(JsonObject schema, string keyword, string path)
    {
        if (!schema.TryGetPropertyValue(keyword, out JsonNode? node))
        {
            return null;
        }

        return Number(node, $"{path}/{keyword}") is var number and >= 0 and <= int.MaxValue && decimal.Truncate(number) == number
            ? (int)number
            : throw Wrong($"{path}/{keyword}", node, "a whole number from 0");
    }

    internal static decimal Number(JsonNode? node, string path) =>
        node?.GetValueKind() == JsonValueKind.Number && decimal.TryParse(
            node.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture,
            out decimal number)
            ? number
            : throw Wrong(path, node, "a number of at most 28 digits");

    internal static InvalidDataException Wrong(string path, JsonNode? node, string expected) =>
        new($"'{path}' of the schema is {Show(node)}, expected {expected}.");

    internal static NotSupportedException Refused(string path, string problem) =>
        new($"'{path}' of the schema {problem}.");

    internal static string Show(JsonNode? node)
    {
        const int Longest = 60;
        string text = node?.ToJsonString() ?? "null";
        return text.Length <= Longest ? text : $"{text[..Longest]}…";
    }
}
