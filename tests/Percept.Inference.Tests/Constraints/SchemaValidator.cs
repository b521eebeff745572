using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Percept.Inference.Tests.Constraints;

/// <summary>Judges documents by JSON Schema, independent of what makes them.</summary>
internal sealed class SchemaValidator(JsonNode root)
{
    internal static bool IsValid(string schema, string document) =>
        new SchemaValidator(JsonNode.Parse(schema)!).Check(JsonNode.Parse(schema)!, JsonNode.Parse(document));

    private bool Check(JsonNode schema, JsonNode? value)
    {
        if (schema is not JsonObject keywords)
        {
            return schema.GetValueKind() == JsonValueKind.True;
        }

        foreach ((string keyword, JsonNode? node) in keywords)
        {
            if (!Holds(keyword, node!, keywords, value))
            {
                return false;
            }
        }

        return true;
    }

    private bool Holds(string keyword, JsonNode node, JsonObject schema, JsonNode? value)
    {
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        return keyword switch
        {
            "$ref" => Check(Resolve(node.GetValue<string>()), value),
            "anyOf" or "oneOf" => node.AsArray().Any(item => Check(item!, value)),
            "allOf" => node.AsArray().All(item => Check(item!, value)),
            "type" => (node is JsonArray list ? list.Select(t => t!.GetValue<string>()) : [node.GetValue<string>()])
                .Any(type => IsOfType(type, value, kind)),
            "enum" => node.AsArray().Any(item => JsonNode.DeepEquals(item, value)),
            "const" => JsonNode.DeepEquals(node, value),
            "properties" => value is not JsonObject o || node.AsObject().All(p => !o.ContainsKey(p.Key) || Check(p.Value!, o[p.Key])),
            "required" => value is not JsonObject o || node.AsArray().All(name => o.ContainsKey(name!.GetValue<string>())),
            "additionalProperties" => value is not JsonObject o
                || o.All(p => schema["properties"]?.AsObject().ContainsKey(p.Key) == true || Check(node, p.Value)),
            "minProperties" => value is not JsonObject o || o.Count >= node.GetValue<int>(),
            "maxProperties" => value is not JsonObject o || o.Count <= node.GetValue<int>(),
            "prefixItems" => value is not JsonArray a || node.AsArray().Zip(a).All(pair => Check(pair.First!, pair.Second)),
            "items" => value is not JsonArray a
                || a.Skip(schema["prefixItems"]?.AsArray().Count ?? 0).All(item => Check(node, item)),
            "minItems" => value is not JsonArray a || a.Count >= node.GetValue<int>(),
            "maxItems" => value is not JsonArray a || a.Count <= node.GetValue<int>(),
            "minLength" => kind != JsonValueKind.String || Length(value!) >= node.GetValue<int>(),
            "maxLength" => kind != JsonValueKind.String || Length(value!) <= node.GetValue<int>(),
            "pattern" => kind != JsonValueKind.String || Regex.IsMatch(value!.GetValue<string>(), node.GetValue<string>()),
            "minimum" => kind != JsonValueKind.Number || Number(value!) >= Number(node),
            "maximum" => kind != JsonValueKind.Number || Number(value!) <= Number(node),
            "exclusiveMinimum" => kind != JsonValueKind.Number || Number(value!) > Number(node),
            "exclusiveMaximum" => kind != JsonValueKind.Number || Number(value!) < Number(node),
            "$defs" or "definitions" or "title" or "description" or "format" => true,
            _ => throw new NotSupportedException(keyword),
        };
    }

    private static bool IsOfType(string type, JsonNode? value, JsonValueKind kind) => type switch
    {
        "object" => kind == JsonValueKind.Object,
        "array" => kind == JsonValueKind.Array,
        "string" => kind == JsonValueKind.String,
        "number" => kind == JsonValueKind.Number,
        "integer" => kind == JsonValueKind.Number && !value!.ToJsonString().AsSpan().ContainsAny('.', 'e', 'E'),
        "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
        _ => kind == JsonValueKind.Null,
    };

    private static int Length(JsonNode value) => value.GetValue<string>().EnumerateRunes().Count();

    private static double Number(JsonNode value) =>
        double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private JsonNode Resolve(string reference) =>
        reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, (at, name) => at[name]!);
}
