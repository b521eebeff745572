using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <content>Types and values.</content>
internal sealed partial class JsonSchemaCompiler
{
    // The types that a schema allows; where it names none, those that its keywords are about.
    private string[] Types(JsonObject keywords, string path)
    {
        if (keywords["type"] is not { } node)
        {
            string[] spoken =
            [
                .. keywords.Select(pair => SchemaKeywords.TypeOf(pair.Key)).OfType<string>().Distinct(),
            ];
            if (spoken.Length == 1)
            {
                _notes.Add($"{path}: has no type and is taken for one of type '{spoken[0]}', which its keywords are about.");
                return spoken;
            }

            return SchemaKeywords.s_types;
        }

        string[] types = node is JsonArray list
            ? [.. list.Select(item => SchemaText.Text(item, $"{path}/type"))]
            : [SchemaText.Text(node, $"{path}/type")];
        foreach (string type in types)
        {
            if (!SchemaKeywords.s_types.Contains(type))
            {
                throw SchemaText.Wrong($"{path}/type", node, string.Join(", ", SchemaKeywords.s_types));
            }
        }

        return types.Length > 0 ? types : throw SchemaText.Wrong($"{path}/type", node, "at least one type");
    }

    private Func<int> MakeTypes(JsonObject keywords, string path, string[] types)
    {
        Func<int>[] makers =
        [
            .. types.Distinct().Where(type => type != "integer" || !types.Contains("number"))
                .Select(type => MakeType(keywords, path, type)),
        ];
        return makers.Length == 1 ? makers[0] : Any(makers);
    }

    private Func<int> Any(IReadOnlyList<Func<int>> makers) => () =>
    {
        int start = Grammar.AddState();
        foreach (Func<int> make in makers)
        {
            // Made first: making may move the list of states.
            int target = make();
            Grammar[start].Free.Add(target);
        }

        return start;
    };

    private Func<int> MakeType(JsonObject keywords, string path, string type) => type switch
    {
        "object" => MakeObject(keywords, path),
        "array" => MakeArray(keywords, path),
        "string" => MakeText(keywords, path),
        "number" or "integer" => MakeNumber(keywords, path, type == "integer"),
        "boolean" => Any([() => _parts.Word("true"u8), () => _parts.Word("false"u8)]),
        _ => () => _parts.Word("null"u8),
    };

    private Func<int> MakeText(JsonObject keywords, string path)
    {
        int least = SchemaText.Count(keywords, "minLength", path) ?? 0;
        int? most = SchemaText.Count(keywords, "maxLength", path);
        if (most < least)
        {
            throw SchemaText.Refused($"{path}/maxLength", $"is {most}, less than minLength, which is {least}");
        }

        RegexNfa pattern = RegexNfa.Anything();
        if (keywords["pattern"] is { } node)
        {
            string text = SchemaText.Text(node, $"{path}/pattern");
            try
            {
                pattern = RegexNfa.Parse(text, anywhere: true);
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                throw SchemaText.Refused($"{path}/pattern", $"cannot be used: {error.Message}");
            }
        }

        int end = Grammar.EndState();
        TextStates states;
        try
        {
            states = new TextStates(
                Grammar, _texts, pattern, least, most, state => state.Edges.Add((ByteSet.Of((byte)'"'), end)));
        }
        catch (NotSupportedException error)
        {
            throw SchemaText.Refused($"{path}/pattern", $"cannot be used: {error.Message}");
        }

        return () => Grammar.Before("\""u8, states.Start());
    }

    private Func<int> MakeNumber(JsonObject keywords, string path, bool integer)
    {
        NumberRange.Bound? low = ReadBound(keywords, "minimum", "exclusiveMinimum", path, greatest: true);
        NumberRange.Bound? high = ReadBound(keywords, "maximum", "exclusiveMaximum", path, greatest: false);
        if (low is null && high is null)
        {
            return () => _parts.Number(integer);
        }

        int start = NumberRange.Build(Grammar, low, high, integer)
            ?? throw SchemaText.Refused(path, "allows no number between its bounds");
        return () => start;
    }

    private static NumberRange.Bound? ReadBound(
        JsonObject keywords, string keyword, string exclusiveKeyword, string path, bool greatest)
    {
        NumberRange.Bound? bound = null;
        JsonNode? exclusive = keywords[exclusiveKeyword];
        if (keywords[keyword] is { } node)
        {
            // Draft 4 has a flag where later drafts have a number.
            bool flag = exclusive?.GetValueKind() == JsonValueKind.True;
            bound = new NumberRange.Bound(SchemaText.Number(node, $"{path}/{keyword}"), flag);
        }

        if (exclusive is null || exclusive.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return bound;
        }

        decimal value = SchemaText.Number(exclusive, $"{path}/{exclusiveKeyword}");
        bool tighter = bound is not { } other || (greatest ? value >= other.Value : value <= other.Value);
        return tighter ? new NumberRange.Bound(value, true) : bound;
    }

    private Func<int> MakeValues(JsonObject keywords, string path)
    {
        var values = new List<JsonNode?>();
        if (keywords.TryGetPropertyValue("enum", out JsonNode? list))
        {
            values.AddRange(SchemaText.List(list, $"{path}/enum"));
        }

        if (keywords.TryGetPropertyValue("const", out JsonNode? only))
        {
            values = keywords.ContainsKey("enum") ? values.FindAll(value => JsonNode.DeepEquals(value, only)) : [only];
        }

        if (SchemaKeywords.HasOthers(keywords, "enum", "const"))
        {
            values = Filter(values, Without(keywords, "enum", "const"));
        }

        if (values.Count == 0)
        {
            throw SchemaText.Refused(path, "allows none of its values");
        }

        string[] texts =
        [
            .. values.Where(value => value?.GetValueKind() == JsonValueKind.String).Select(value => value!.GetValue<string>())
                .Distinct(StringComparer.Ordinal),
        ];
        var makers = new List<Func<int>>();
        if (texts.Length > 0)
        {
            makers.Add(() => Texts(texts));
        }

        foreach (JsonNode? value in values.Where(value => value?.GetValueKind() != JsonValueKind.String))
        {
            makers.Add(MakeValue(value, path));
        }

        return makers.Count == 1 ? makers[0] : Any(makers);
    }

    // The values that follow the other keywords, judged by the grammar of these for the value's own type: keywords say
    // nothing of values of other types.
    private List<JsonNode?> Filter(List<JsonNode?> values, JsonObject others)
    {
        var judges = new Dictionary<string, GrammarRunner>(StringComparer.Ordinal);
        return values.FindAll(value =>
        {
            string type = SchemaKeywords.TypeOfValue(value);
            if (!judges.TryGetValue(type, out GrammarRunner? judge))
            {
                var own = (JsonObject)others.DeepClone();
                if (!own.ContainsKey("type"))
                {
                    own["type"] = type;
                }

                var compiler = new JsonSchemaCompiler(_root, new JsonSchemaOptions { MaxWhitespace = 0 }, own);
                judges[type] = judge = new GrammarRunner(compiler.Grammar, compiler.Compile());
            }

            return judge.Next(judge.Start, Encoding.UTF8.GetBytes(Written(value))).Accepts;
        });
    }

    /// <summary>A value as grammars write it: numbers without an exponent and without zeros at the end.</summary>
    private static string Written(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number && decimal.TryParse(
            value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal number)
            ? number.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture)
            : value?.ToJsonString() ?? "null";

    private Func<int> MakeValue(JsonNode? value, string path)
    {
        switch (value)
        {
            case JsonObject owner:
                var properties = new JsonObject();
                var required = new JsonArray();
                foreach ((string name, JsonNode? item) in owner)
                {
                    properties[name] = new JsonObject { ["const"] = item?.DeepClone() };
                    required.Add((JsonNode?)JsonValue.Create(name));
                }

                return MakeObject(
                    new JsonObject
                    {
                        ["properties"] = properties,
                        ["required"] = required,
                        ["additionalProperties"] = JsonValue.Create(false),
                    },
                    path);
            case JsonArray list:
                var items = new JsonArray();
                foreach (JsonNode? item in list)
                {
                    items.Add((JsonNode?)new JsonObject { ["const"] = item?.DeepClone() });
                }

                return MakeArray(
                    new JsonObject
                    {
                        ["prefixItems"] = items,
                        ["items"] = JsonValue.Create(false),
                        ["minItems"] = JsonValue.Create(list.Count),
                    },
                    path);
            default:
                byte[] text = Encoding.UTF8.GetBytes(value?.ToJsonString() ?? "null");
                return () => _parts.Word(text);
        }
    }

    // One of some texts: a trie, so that many of them do not stand side by side.
    private int Texts(string[] texts)
    {
        var trie = new NameTrie(texts);
        int end = Grammar.EndState();
        var states = new int[trie.Count];
        for (int node = 0; node < states.Length; node++)
        {
            states[node] = Grammar.AddState();
        }

        for (int node = 0; node < states.Length; node++)
        {
            GrammarState state = Grammar[states[node]];
            foreach ((int codePoint, int child) in trie.Children(node))
            {
                _texts.Add(state, CodePointRanges.Of(codePoint), states[child]);
            }

            if (trie.NameAt(node) is not null)
            {
                state.Edges.Add((ByteSet.Of((byte)'"'), end));
            }
        }

        return Grammar.Before("\""u8, states[0]);
    }
}
