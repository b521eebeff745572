using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <content>Objects and arrays.</content>
internal sealed partial class JsonSchemaCompiler
{
    private Func<int> MakeObject(JsonObject keywords, string path)
    {
        var names = new List<string>();
        var rules = new List<int?>();
        foreach ((string name, JsonNode? value) in keywords["properties"] is { } node
            ? SchemaText.Object(node, $"{path}/properties")
            : [])
        {
            string place = $"{path}/properties/{name}";
            names.Add(name);
            JsonNode schema = value ?? throw SchemaText.Wrong(place, value, "a schema");
            rules.Add(schema.GetValueKind() == JsonValueKind.False ? null : Rule(schema, place));
        }

        JsonNode additional = keywords["additionalProperties"] ?? _anything;
        int? additionalRule = additional.GetValueKind() == JsonValueKind.False
            ? null
            : Rule(additional, $"{path}/additionalProperties");
        BigInteger required = Required(keywords, path, names, rules, additionalRule);
        int least = SchemaText.Count(keywords, "minProperties", path) ?? 0;
        int? most = SchemaText.Count(keywords, "maxProperties", path);
        int possible = additionalRule is null ? rules.Count(rule => rule is not null) : int.MaxValue;
        int needed = ObjectShape.Count(required);
        if (most < Math.Max(least, needed) || least > possible)
        {
            throw SchemaText.Refused(
                path, $"allows no object: minProperties is {least}, {needed} are required, maxProperties is {most}");
        }

        var shape = new ObjectShape(
            new NameTrie(names), [.. rules], required, additionalRule, Math.Max(least, 0), most);
        return () => new ObjectStates(Grammar, _texts, _parts, shape).Start();
    }

    // Required names beside the properties count as properties of the additional schema.
    private static BigInteger Required(
        JsonObject keywords, string path, List<string> names, List<int?> rules, int? additionalRule)
    {
        BigInteger required = BigInteger.Zero;
        foreach (JsonNode? item in keywords["required"] is { } node ? SchemaText.List(node, $"{path}/required") : [])
        {
            string name = SchemaText.Text(item, $"{path}/required");
            int index = names.IndexOf(name);
            if (index < 0)
            {
                index = names.Count;
                names.Add(name);
                rules.Add(additionalRule);
            }

            if (rules[index] is null)
            {
                throw SchemaText.Refused($"{path}/required", $"names '{name}', which no object may have");
            }

            required |= BigInteger.One << index;
        }

        return required;
    }

    private Func<int> MakeArray(JsonObject keywords, string path)
    {
        var prefix = new List<int>();
        JsonNode items = keywords["items"] ?? _anything;
        string itemsPath = $"{path}/items";
        JsonNode? list = keywords["prefixItems"];
        string listPath = $"{path}/prefixItems";
        if (items is JsonArray)
        {
            // Before draft 2020-12, a list here was what prefixItems is now.
            (list, listPath) = (items, itemsPath);
            (items, itemsPath) = (keywords["additionalItems"] ?? _anything, $"{path}/additionalItems");
        }

        int least = SchemaText.Count(keywords, "minItems", path) ?? 0;
        int? most = SchemaText.Count(keywords, "maxItems", path);
        JsonArray schemas = list is null ? [] : SchemaText.List(list, listPath);
        for (int i = 0; i < schemas.Count && (most is null || i < most); i++)
        {
            JsonNode schema = schemas[i] ?? throw SchemaText.Wrong($"{listPath}/{i}", null, "a schema");
            if (schema.GetValueKind() == JsonValueKind.False)
            {
                items = schema;
                break;
            }

            prefix.Add(Rule(schema, $"{listPath}/{i}"));
        }

        int? rule = items.GetValueKind() == JsonValueKind.False || prefix.Count >= most ? null : Rule(items, itemsPath);
        most = rule is null ? Math.Min(most ?? int.MaxValue, prefix.Count) : most;
        return most < least
            ? throw SchemaText.Refused(path, $"allows no array: minItems is {least}, but at most {most} items may stand there")
            : () => new ArrayStates(Grammar, _parts, [.. prefix], rule, least, most).Start();
    }
}
