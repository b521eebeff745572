using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <summary>
/// Makes a grammar of a JSON schema: one rule for each schema in it, so that references may lead back.
/// </summary>
internal sealed partial class JsonSchemaCompiler
{
    private const int MaxChain = 1000;
    private const int MaxRules = 20_000;

    private readonly JsonNode _root;
    private readonly JsonNode _start;
    private readonly JsonSchemaOptions _options;
    private readonly Dictionary<JsonNode, int> _rules = new(ReferenceEqualityComparer.Instance);

    // Schemas that are put together of others are new nodes each time; what they say tells that one comes again.
    private readonly Dictionary<string, int> _rulesByText = new(StringComparer.Ordinal);
    private readonly Queue<(int Rule, JsonNode Schema, string Path)> _open = new();
    private readonly Dictionary<int, Func<int>> _makers = [];
    private readonly Dictionary<int, List<int>> _unguarded = [];
    private readonly List<string> _notes = [];
    private readonly CharacterEncoder _texts;
    private readonly JsonParts _parts;
    private readonly JsonNode _anything = JsonValue.Create(true);

    /// <summary>Prepares a schema.</summary>
    /// <param name="root">The whole document: what references lead to.</param>
    /// <param name="options">How JSON is written.</param>
    /// <param name="start">The schema in it; null for the whole.</param>
    internal JsonSchemaCompiler(JsonNode root, JsonSchemaOptions options, JsonNode? start = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxWhitespace);
        _root = root;
        _start = start ?? root;
        _options = options;
        _texts = new CharacterEncoder(Grammar, json: true);
        _parts = new JsonParts(Grammar, options.MaxWhitespace);
    }

    internal Grammar Grammar { get; } = new();

    /// <summary>What is not enforced.</summary>
    internal IReadOnlyList<string> Notes => _notes;

    /// <summary>Compiles the schema.</summary>
    /// <returns>The rule of a whole document.</returns>
    internal int Compile()
    {
        int document = Rule(_start, "#");
        while (_open.TryDequeue(out (int Rule, JsonNode Schema, string Path) item))
        {
            Func<int> make = Make(item.Schema, item.Path, item.Rule);
            _makers[item.Rule] = make;
        }

        CheckGuards();
        return Grammar.AddRule(() =>
        {
            int value = Grammar.AddState();
            Grammar[value].Calls.Add((document, Grammar.Tail));
            int start = Grammar.AddState();
            _parts.Space(Grammar[start], value);
            return start;
        });
    }

    /// <summary>The rule of a schema; it is compiled later.</summary>
    private int Rule(JsonNode schema, string path)
    {
        if (_rules.TryGetValue(schema, out int rule))
        {
            return rule;
        }

        string text = schema.ToJsonString();
        if (!_rulesByText.TryGetValue(text, out rule))
        {
            if (_rulesByText.Count == MaxRules)
            {
                throw SchemaText.Refused(path, $"and what stands before it are more than {MaxRules} different schemas once allOf and references are put together");
            }

            int number = Grammar.AddRule(() => 0);
            rule = number;
            Grammar.Replace(number, () => _makers[number]());
            _rulesByText.Add(text, rule);
            _open.Enqueue((rule, schema, path));
        }

        _rules.Add(schema, rule);
        return rule;
    }

    private Func<int> Make(JsonNode schema, string path, int rule)
    {
        if (schema.GetValueKind() == JsonValueKind.True)
        {
            return MakeTypes(new JsonObject(), path, SchemaKeywords.s_types);
        }

        if (schema.GetValueKind() == JsonValueKind.False)
        {
            throw SchemaText.Refused(path, "is false: nothing can satisfy it");
        }

        JsonObject keywords = SchemaText.Object(schema, path);
        SchemaKeywords.Check(keywords, path);
        if (keywords["format"] is { } format)
        {
            _notes.Add($"{path}/format: '{SchemaText.Text(format, $"{path}/format")}' is not enforced.");
        }

        if (keywords.ContainsKey("allOf"))
        {
            return Make(SchemaMerge.All(keywords, path, Resolve), path, rule);
        }

        if (keywords["$ref"] is { } reference)
        {
            JsonNode target = Resolve(reference, path);
            return SchemaKeywords.HasOthers(keywords, "$ref")
                ? Make(SchemaMerge.Both(target, Without(keywords, "$ref"), path, Resolve), path, rule)
                : Union(rule, [Rule(target, SchemaText.Text(reference, path))]);
        }

        foreach (string keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (keywords.ContainsKey(keyword))
            {
                return Union(rule, Alternatives(keywords, keyword, path));
            }
        }

        return keywords.ContainsKey("enum") || keywords.ContainsKey("const")
            ? MakeValues(keywords, path)
            : MakeTypes(keywords, path, Types(keywords, path));
    }

    private List<int> Alternatives(JsonObject keywords, string keyword, string path)
    {
        JsonArray list = SchemaText.List(keywords[keyword], $"{path}/{keyword}");
        if (list.Count == 0)
        {
            throw SchemaText.Wrong($"{path}/{keyword}", list, "at least one schema");
        }

        JsonObject? others = SchemaKeywords.HasOthers(keywords, keyword) ? Without(keywords, keyword) : null;
        var rules = new List<int>();
        for (int i = 0; i < list.Count; i++)
        {
            string place = $"{path}/{keyword}/{i}";
            JsonNode alternative = list[i] ?? throw SchemaText.Wrong(place, null, "a schema");
            if (alternative.GetValueKind() != JsonValueKind.False)
            {
                rules.Add(Rule(
                    others is null ? alternative : SchemaMerge.Both(alternative, others, place, Resolve), place));
            }
        }

        if (rules.Count == 0)
        {
            throw SchemaText.Refused($"{path}/{keyword}", "has no schema but false: nothing can satisfy it");
        }

        return rules;
    }

    // The rules must not lead back to this one before anything is written.
    private Func<int> Union(int rule, List<int> rules)
    {
        _unguarded[rule] = rules;
        return () =>
        {
            int start = Grammar.AddState();
            foreach (int alternative in rules)
            {
                Grammar[start].Calls.Add((alternative, Grammar.Tail));
            }

            return start;
        };
    }

    private void CheckGuards()
    {
        var done = new HashSet<int>();
        foreach (int rule in _unguarded.Keys)
        {
            Visit(rule, []);
        }

        void Visit(int rule, HashSet<int> above)
        {
            if (above.Count == MaxChain)
            {
                throw SchemaText.Refused(PathOf(rule), $"stands behind more than {MaxChain} references and choices in a row");
            }

            if (!above.Add(rule))
            {
                throw SchemaText.Refused(PathOf(rule), "leads back to itself without anything between, so that nothing can satisfy it");
            }

            if (done.Add(rule) && _unguarded.TryGetValue(rule, out List<int>? next))
            {
                foreach (int target in next)
                {
                    Visit(target, above);
                }
            }

            above.Remove(rule);
        }
    }

    private string PathOf(int rule) => _rules.First(pair => pair.Value == rule).Key.GetPath() is var path && path.Length > 1
        ? "#/" + path[2..].Replace('.', '/')
        : "#";

    private static JsonObject Without(JsonObject schema, params ReadOnlySpan<string> keywords)
    {
        var rest = (JsonObject)schema.DeepClone();
        foreach (string keyword in keywords)
        {
            rest.Remove(keyword);
        }

        return rest;
    }

    /// <summary>The schema that a reference leads to.</summary>
    private JsonNode Resolve(JsonNode reference, string path)
    {
        string text = SchemaText.Text(reference, $"{path}/$ref");
        if (text != "#" && !text.StartsWith("#/", StringComparison.Ordinal))
        {
            throw SchemaText.Refused($"{path}/$ref", $"is '{text}'; only references into the schema itself (#/…) are supported");
        }

        JsonNode? at = _root;
        foreach (string part in text.Length == 1 ? [] : text[2..].Split('/'))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject owner => owner[name],
                JsonArray list when int.TryParse(name, out int index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        return at ?? throw new InvalidDataException($"'{path}/$ref' of the schema is '{text}', which is not there.");
    }
}
