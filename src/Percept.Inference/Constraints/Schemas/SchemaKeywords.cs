using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <summary>The keywords of JSON Schema by what they do here.</summary>
internal static class SchemaKeywords
{
    internal static readonly string[] s_types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    /// <summary>Keywords that say nothing about what is valid.</summary>
    private static readonly HashSet<string> s_annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "title", "description", "default", "examples", "example",
        "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "format",
    };

    /// <summary>The keywords that apply to one type each.</summary>
    private static readonly Dictionary<string, string> s_typed = new(StringComparer.Ordinal)
    {
        ["properties"] = "object",
        ["required"] = "object",
        ["additionalProperties"] = "object",
        ["minProperties"] = "object",
        ["maxProperties"] = "object",
        ["items"] = "array",
        ["prefixItems"] = "array",
        ["additionalItems"] = "array",
        ["minItems"] = "array",
        ["maxItems"] = "array",
        ["minLength"] = "string",
        ["maxLength"] = "string",
        ["pattern"] = "string",
        ["minimum"] = "number",
        ["maximum"] = "number",
        ["exclusiveMinimum"] = "number",
        ["exclusiveMaximum"] = "number",
    };

    private static readonly HashSet<string> s_general = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref",
    };

    internal static bool IsAnnotation(string keyword) =>
        s_annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);

    /// <summary>Whether a schema says anything about what is valid beside some keywords.</summary>
    internal static bool HasOthers(JsonObject schema, params ReadOnlySpan<string> than)
    {
        foreach ((string keyword, JsonNode? _) in schema)
        {
            if (!IsAnnotation(keyword) && !than.Contains(keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The type that a keyword applies to; null for a keyword of all types.</summary>
    internal static string? TypeOf(string keyword) => s_typed.GetValueOrDefault(keyword);

    /// <summary>The type of a value; numbers are of type "number" whether whole or not.</summary>
    internal static string TypeOfValue(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    /// <summary>Refuses keywords that are not enforced, with their place.</summary>
    internal static void Check(JsonObject schema, string path)
    {
        foreach ((string keyword, JsonNode? _) in schema)
        {
            if (!IsAnnotation(keyword) && !s_typed.ContainsKey(keyword) && !s_general.Contains(keyword))
            {
                throw new NotSupportedException(
                    $"'{path}/{keyword}' of the schema is not supported as a constraint; leave it out, or check it afterwards.");
            }
        }
    }
}
