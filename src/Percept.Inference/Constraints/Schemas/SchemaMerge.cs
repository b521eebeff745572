using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <summary>Puts schemas that must hold together into one, as far as one can say it.</summary>
internal static class SchemaMerge
{
    private const int MaxDepth = 32;

    private static readonly string[] s_greatest = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
    private static readonly string[] s_least = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

    /// <summary>A schema with its <c>allOf</c> and the schemas in it as one.</summary>
    internal static JsonNode All(JsonObject schema, string path, Func<JsonNode, string, JsonNode> resolve) =>
        All(schema, path, resolve, 0);

    /// <summary>Two schemas as one.</summary>
    internal static JsonNode Both(JsonNode one, JsonNode other, string path, Func<JsonNode, string, JsonNode> resolve) =>
        Both(one, other, path, resolve, 0);

    private static JsonNode All(
        JsonObject schema, string path, Func<JsonNode, string, JsonNode> resolve, int depth)
    {
        JsonArray list = SchemaText.List(schema["allOf"], $"{path}/allOf");
        var rest = (JsonObject)schema.DeepClone();
        rest.Remove("allOf");
        JsonNode merged = rest;
        for (int i = 0; i < list.Count; i++)
        {
            string place = $"{path}/allOf/{i}";
            merged = Both(merged, list[i] ?? throw SchemaText.Wrong(place, null, "a schema"), place, resolve, depth + 1);
        }

        return merged;
    }

    private static JsonNode Both(
        JsonNode one, JsonNode other, string path, Func<JsonNode, string, JsonNode> resolve, int depth)
    {
        JsonNode first = Plain(one, path, resolve, depth);
        JsonNode second = Plain(other, path, resolve, depth);
        if (first.GetValueKind() == JsonValueKind.True || second.GetValueKind() == JsonValueKind.False)
        {
            return second.DeepClone();
        }

        if (second.GetValueKind() == JsonValueKind.True || first.GetValueKind() == JsonValueKind.False)
        {
            return first.DeepClone();
        }

        JsonObject left = SchemaText.Object(first, path);
        JsonObject right = SchemaText.Object(second, path);
        CheckAdditional(left, right, path);
        CheckAdditional(right, left, path);
        (left, right) = (WithItemsOf(left, right), WithItemsOf(right, left));
        var merged = (JsonObject)left.DeepClone();
        foreach ((string keyword, JsonNode? value) in right)
        {
            merged[keyword] = left.TryGetPropertyValue(keyword, out JsonNode? known)
                ? Merge(keyword, known, value, path)
                : value?.DeepClone();
        }

        return merged;
    }

    // References and allOf are followed; only then can keywords be put together.
    private static JsonNode Plain(JsonNode schema, string path, Func<JsonNode, string, JsonNode> resolve, int depth)
    {
        if (depth > MaxDepth)
        {
            throw SchemaText.Refused(path, $"nests references and allOf deeper than {MaxDepth}");
        }

        if (schema is not JsonObject keywords)
        {
            return schema;
        }

        SchemaKeywords.Check(keywords, path);
        if (keywords.ContainsKey("allOf"))
        {
            return Plain(All(keywords, path, resolve, depth), path, resolve, depth + 1);
        }

        if (keywords["$ref"] is { } reference)
        {
            var rest = (JsonObject)keywords.DeepClone();
            rest.Remove("$ref");
            JsonNode target = resolve(reference, path);
            return SchemaKeywords.HasOthers(rest)
                ? Both(target, rest, path, resolve, depth + 1)
                : Plain(target, path, resolve, depth + 1);
        }

        return schema;
    }

    private static JsonNode? Merge(string keyword, JsonNode? one, JsonNode? other, string path)
    {
        if (SchemaKeywords.IsAnnotation(keyword) || JsonNode.DeepEquals(one, other))
        {
            return one?.DeepClone();
        }

        if (s_greatest.Contains(keyword) || s_least.Contains(keyword))
        {
            decimal first = SchemaText.Number(one, $"{path}/{keyword}");
            decimal second = SchemaText.Number(other, $"{path}/{keyword}");
            return (first > second) == s_greatest.Contains(keyword) ? one!.DeepClone() : other!.DeepClone();
        }

        return keyword switch
        {
            "type" => Types(one, other, path),
            "required" => Joined(SchemaText.List(one, $"{path}/required"), SchemaText.List(other, $"{path}/required")),
            "properties" => Properties(
                SchemaText.Object(one, $"{path}/properties"), SchemaText.Object(other, $"{path}/properties")),
            "enum" => new JsonArray(
                [
                    .. SchemaText.List(one, $"{path}/enum")
                        .Where(value => SchemaText.List(other, $"{path}/enum").Any(o => JsonNode.DeepEquals(o, value)))
                        .Select(value => value?.DeepClone()),
                ]),
            "items" or "additionalProperties" when one is not JsonArray && other is not JsonArray => Together(one, other),
            _ => throw SchemaText.Refused(
                $"{path}/{keyword}", $"stands twice among schemas that must hold together and differs, which is not supported"),
        };
    }

    /// <summary>Both of two schemas: false with anything is false, true with another is the other.</summary>
    private static JsonNode? Together(JsonNode? one, JsonNode? other) => (one?.GetValueKind(), other?.GetValueKind()) switch
    {
        (JsonValueKind.False, _) or (_, JsonValueKind.True) => one!.DeepClone(),
        (_, JsonValueKind.False) or (JsonValueKind.True, _) => other!.DeepClone(),
        _ => new JsonObject { ["allOf"] = new JsonArray(one?.DeepClone(), other?.DeepClone()) },
    };

    /// <summary>
    /// A schema whose first items hold what another says of all its items: there <c>items</c> is about every place, where
    /// <c>prefixItems</c> stand beside it about the rest.
    /// </summary>
    private static JsonObject WithItemsOf(JsonObject schema, JsonObject other)
    {
        if (schema["prefixItems"] is not JsonArray prefix || other.ContainsKey("prefixItems")
            || !other.TryGetPropertyValue("items", out JsonNode? items) || items is JsonArray)
        {
            return schema;
        }

        var joined = (JsonObject)schema.DeepClone();
        joined["prefixItems"] = new JsonArray([.. prefix.Select(item => Together(item, items))]);
        return joined;
    }

    private static JsonArray Types(JsonNode? one, JsonNode? other, string path)
    {
        string[] first = Names(one, path);
        string[] second = Names(other, path);
        string[] both =
        [
            .. first.Where(type => second.Contains(type) || (type == "integer" && second.Contains("number")))
                .Concat(second.Where(type => type == "integer" && first.Contains("number"))).Distinct(),
        ];
        return both.Length > 0
            ? new JsonArray([.. both.Select(type => JsonValue.Create(type))])
            : throw SchemaText.Refused($"{path}/type", "excludes the type that it must hold together with");
    }

    private static string[] Names(JsonNode? node, string path) => node is JsonArray list
        ? [.. list.Select(item => SchemaText.Text(item, $"{path}/type"))]
        : [SchemaText.Text(node, $"{path}/type")];

    private static JsonArray Joined(JsonArray one, JsonArray other)
    {
        var joined = (JsonArray)one.DeepClone();
        foreach (JsonNode? item in other)
        {
            if (!joined.Any(known => JsonNode.DeepEquals(known, item)))
            {
                joined.Add(item?.DeepClone());
            }
        }

        return joined;
    }

    private static JsonObject Properties(JsonObject one, JsonObject other)
    {
        var joined = (JsonObject)one.DeepClone();
        foreach ((string name, JsonNode? schema) in other)
        {
            joined[name] = one.TryGetPropertyValue(name, out JsonNode? known) && !JsonNode.DeepEquals(known, schema)
                ? Together(known, schema)
                : schema?.DeepClone();
        }

        return joined;
    }

    // What additionalProperties is about are the properties beside it, not those of the other schema.
    private static void CheckAdditional(JsonObject schema, JsonObject other, string path)
    {
        if (schema["additionalProperties"] is not { } additional || additional.GetValueKind() == JsonValueKind.True)
        {
            return;
        }

        JsonObject? own = schema["properties"] as JsonObject;
        foreach ((string name, JsonNode? _) in other["properties"] as JsonObject ?? [])
        {
            if (own?.ContainsKey(name) != true)
            {
                throw SchemaText.Refused(
                    $"{path}/additionalProperties",
                    $"excludes the property '{name}' of a schema that it must hold together with, which is not supported");
            }
        }
    }
}
