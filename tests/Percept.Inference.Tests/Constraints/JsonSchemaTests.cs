using System.Text;
using System.Text.Json;
using Xunit;

namespace Percept.Inference.Tests.Constraints;

/// <summary>What follows a schema is accepted, what does not is not, and nothing else can be generated.</summary>
public class JsonSchemaTests
{
    public static TheoryData<string> Names() => [.. SchemaCases.s_all.Select(item => item.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void DocumentsAreJudgedRight(string name)
    {
        (string _, string schema, string[] valid, string[] invalid) = SchemaCases.s_all.First(item => item.Name == name);
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance);
        foreach (string document in valid)
        {
            Assert.True(SchemaValidator.IsValid(schema, document), $"the validator refuses {document}");
            Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(document)), document);
            Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes("\n  " + document)), document);
        }

        foreach (string document in invalid)
        {
            Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(document)), document);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryTokenOfAValidDocumentIsAllowed(string name)
    {
        (string _, string schema, string[] valid, string[] _) = SchemaCases.s_all.First(item => item.Name == name);
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance);
        var random = new Random(5);
        float[] logits = new float[ToyVocabulary.Bytes.Count + 70];
        for (int repeat = 0; repeat < 5; repeat++)
        {
            foreach (string document in valid)
            {
                ConstraintCursor cursor = constraint.Begin();
                foreach (int token in ToyVocabulary.Cut(Encoding.UTF8.GetBytes(document), random))
                {
                    Array.Clear(logits);
                    cursor.Apply(logits, [ToyVocabulary.End]);
                    Assert.Equal(0, logits[token]);
                    Assert.True(cursor.Allows(token));
                    // The mask and the walk through the grammar agree on every token.
                    for (int id = 0; id < logits.Length; id++)
                    {
                        bool allowed = id == ToyVocabulary.End ? cursor.CanEnd : cursor.Allows(id);
                        Assert.Equal(allowed, logits[id] == 0);
                    }

                    cursor.Advance(token);
                }

                Assert.True(cursor.CanEnd, document);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatIsDrawnAtRandomIsValid(string name)
    {
        string schema = SchemaCases.s_all.First(item => item.Name == name).Schema;
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            schema, ToyVocabulary.Instance, new JsonSchemaOptions { MaxWhitespace = 3 });
        int judged = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            string document = RandomWalk.Draw(constraint, seed);
            using JsonDocument parsed = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 1000 });
            if (!NamesRepeat(parsed.RootElement))
            {
                Assert.True(SchemaValidator.IsValid(schema, document), document);
                judged++;
            }
        }

        Assert.InRange(judged, 30, 60);
    }

    // Names that no schema knows may stand twice; those of properties never do.
    private static bool NamesRepeat(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().GroupBy(property => property.Name).Any(group => group.Count() > 1)
            || value.EnumerateObject().Any(property => NamesRepeat(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(NamesRepeat),
        _ => false,
    };

    [Fact]
    public void WithoutWhiteSpaceADocumentIsCompact()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            """{"type":"array","items":{"type":"integer"}}""", ToyVocabulary.Instance,
            new JsonSchemaOptions { MaxWhitespace = 0 });
        Assert.True(constraint.Accepts("[1,2]"u8));
        Assert.False(constraint.Accepts("[1, 2]"u8));
        Assert.False(constraint.Accepts(" [1,2]"u8));
    }

    [Fact]
    public void WhiteSpaceIsBounded()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            "{}", ToyVocabulary.Instance, new JsonSchemaOptions { MaxWhitespace = 4 });
        foreach (string white in (string[])["", " ", "\t", "\n", "\r\n", "\n   ", "\n\t\t\t", "\r\n   "])
        {
            Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes($"[{white}1{white},{white}\"a b\"]")), $"'{white}'");
        }

        foreach (string white in (string[])["  ", " \n", "\n\n", "\r", "\n    ", "\n  \n", "\v"])
        {
            Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes($"[{white}1]")), $"'{white}'");
            Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes($"[1{white}]")), $"'{white}'");
        }
    }

    [Fact]
    public void WhoeverPrefersWhiteSpaceComesToAnEnd()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            """{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}""", ToyVocabulary.Instance);
        ConstraintCursor cursor = constraint.Begin();
        float[] logits = new float[ToyVocabulary.Bytes.Count];
        int written = 0;
        while (!cursor.IsComplete)
        {
            Array.Clear(logits);
            cursor.Apply(logits, [ToyVocabulary.End]);
            int token = new[] { '\n', ' ', '\t', '\r' }.FirstOrDefault(white => logits[white] == 0);
            cursor.Advance(token > 0 ? token : Array.IndexOf(logits, 0));
            Assert.True(++written < 300, "White space goes on and on.");
        }
    }

    [Fact]
    public void AFinishedDocumentIsComplete()
    {
        ConstraintCursor cursor = TokenConstraint.FromJsonSchema("{\"type\":\"object\"}", ToyVocabulary.Instance).Begin();
        cursor.Advance('{');
        Assert.False(cursor.CanEnd);
        cursor.Advance('}');
        Assert.True(cursor.IsComplete);
        Assert.Throws<InvalidOperationException>(() => cursor.Advance('}'));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{}}}}""", "#/properties/a/not")]
    [InlineData("""{"type":"object","patternProperties":{}}""", "#/patternProperties")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "#/uniqueItems")]
    [InlineData("""{"type":"integer","multipleOf":3}""", "#/multipleOf")]
    [InlineData("""{"if":{},"then":{}}""", "#/if")]
    [InlineData("""{"$ref":"http://example.com/x"}""", "#/$ref")]
    [InlineData("""{"type":"string","pattern":"(?=a)b"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"a\\b"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"a^b"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"^a$","minLength":2}""", "#/pattern")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "#/maxLength")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "#")]
    [InlineData("""{"type":"number","exclusiveMinimum":1,"maximum":1}""", "#")]
    [InlineData("""{"type":"array","minItems":2,"items":false}""", "#")]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", "#/required")]
    [InlineData("""{"properties":{"a":false},"required":["a"]}""", "#/required")]
    [InlineData("""{"type":"object","maxProperties":1,"required":["a","b"]}""", "#")]
    [InlineData("""{"enum":[1,2],"type":"string"}""", "#")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}""", "#")]
    [InlineData("""{"$ref":"#"}""", "#")]
    [InlineData("""{"type":"array","items":{"anyOf":[{"type":"null"},{"$ref":"#/items"}]}}""", "#/items")]
    [InlineData("false", "#")]
    [InlineData("""{"allOf":[{"additionalProperties":false,"properties":{"a":{}}},{"properties":{"b":{}}}]}""", "additionalProperties")]
    [InlineData("""{"allOf":[{"pattern":"a"},{"pattern":"b"}]}""", "pattern")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "type")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "allOf")]
    public void WhatIsNotEnforcedIsRefusedWithItsPlace(string schema, string place)
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"type\":\"integer\",\"type\":\"string\"}")]
    [InlineData("{\"type\":\"int\"}")]
    [InlineData("{\"type\":3}")]
    [InlineData("{\"minLength\":-1}")]
    [InlineData("{\"minLength\":1.5}")]
    [InlineData("{\"required\":[1]}")]
    [InlineData("{\"anyOf\":[]}")]
    [InlineData("{\"anyOf\":{}}")]
    [InlineData("{\"enum\":3}")]
    [InlineData("{\"properties\":[]}")]
    [InlineData("{\"$ref\":\"#/$defs/none\"}")]
    [InlineData("{\"minimum\":\"3\"}")]
    [InlineData("3")]
    [InlineData("null")]
    public void ABrokenSchemaIsTold(string schema) => Assert.Throws<InvalidDataException>(
        () => TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance));

    [Fact]
    public void WhatIsIgnoredIsTold()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            """{"properties":{"day":{"type":"string","format":"date"}}}""", ToyVocabulary.Instance);
        Assert.Equal(2, constraint.Notes.Count);
        Assert.Contains(constraint.Notes, note => note.Contains("#/properties/day/format", StringComparison.Ordinal));
        Assert.Contains(constraint.Notes, note => note.Contains("'object'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10, 1_000_000)]
    [InlineData(1_000_000, 20)]
    public void WhatIsForgottenIsComputedAgain(int maxConfigurations, int maxStates)
    {
        int compiled = 0;
        var forgetful = new TokenConstraint(Compile, ToyVocabulary.Instance, [], maxConfigurations, maxStates);
        TokenConstraint other = TokenConstraint.FromJsonSchema(
            SchemaCases.Tree, ToyVocabulary.Instance, new JsonSchemaOptions { MaxWhitespace = 3 });
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.Equal(RandomWalk.Draw(other, seed), RandomWalk.Draw(forgetful, seed));
        }

        Assert.Equal(maxStates < 1000, compiled > 1);

        GrammarRunner Compile()
        {
            compiled++;
            var compiler = new JsonSchemaCompiler(SchemaText.Parse(SchemaCases.Tree), new JsonSchemaOptions { MaxWhitespace = 3 });
            int rule = compiler.Compile();
            return new GrammarRunner(compiler.Grammar, rule);
        }
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"allOf":[{"$ref":"#"}]}},"additionalProperties":false}""", """{"a":{"a":{}}}""", """{"a":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#","minProperties":1}},"additionalProperties":false}""", """{"a":{"a":{"a":{"a":{"a":{}}}}}}""", """{"b":1}""")]
    [InlineData(
        """{"properties":{"a":{"anyOf":[{"$ref":"#"},{"type":"null"}],"type":["object","null"]}},"type":"object","additionalProperties":false}""",
        """{"a":{"a":null}}""", """{"a":[]}""")]
    public void SchemasThatLeadBackThroughOthersEnd(string schema, string accepted, string refused)
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance);
        Assert.Equal(!schema.Contains("minProperties", StringComparison.Ordinal), constraint.Accepts(Encoding.UTF8.GetBytes(accepted)));
        Assert.True(constraint.Accepts("{}"u8));
        Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(refused)));
    }

    [Theory]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"}],"allOf":[{"items":{"type":"number"}}]}""", "[1,2.5]", """[1,"x"]""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"number"}],"allOf":[{"items":{"type":"integer"}}]}""", "[1,2]", "[1.5]")]
    [InlineData(
        """{"type":"object","allOf":[{"properties":{"a":{"type":"null"}},"additionalProperties":false},{"properties":{"a":{}},"additionalProperties":true}]}""",
        """{"a":null}""", """{"b":1}""")]
    [InlineData("""{"type":"number","minimum":0,"enum":[0.5,1e3,-1]}""", "1e3", "-1")]
    [InlineData("""{"type":"integer","const":5.0}""", "5.0", "6")]
    [InlineData("""{"enum":["ab",1,"c"],"minLength":2}""", "1", "\"c\"")]
    public void SchemasPutTogetherSayWhatBothSay(string schema, string accepted, string refused)
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance);
        Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(accepted)));
        Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(refused)));
    }

    [Theory]
    [InlineData("""{"anyOf":[false]}""", "#/anyOf")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"}],"minItems":1,"allOf":[{"items":{"type":"integer"}}]}""", "type")]
    public void WhatNothingSatisfiesIsRefused(string schema, string place) => Assert.Contains(
        place,
        Assert.Throws<NotSupportedException>(() => TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void HalfASurrogatePairIsNamed() => Assert.Contains(
        "whole characters",
        Assert.Throws<InvalidDataException>(
            () => TokenConstraint.FromJsonSchema("""{"const":"\ud800"}""", ToyVocabulary.Instance)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void ManyThreadsMayUseOneConstraint()
    {
        TokenConstraint shared = TokenConstraint.FromJsonSchema(SchemaCases.Tree, ToyVocabulary.Instance);
        string[] drawn = new string[24];
        Parallel.For(0, drawn.Length, seed => drawn[seed] = RandomWalk.Draw(shared, seed));
        TokenConstraint alone = TokenConstraint.FromJsonSchema(SchemaCases.Tree, ToyVocabulary.Instance);
        for (int seed = 0; seed < drawn.Length; seed++)
        {
            Assert.Equal(RandomWalk.Draw(alone, seed), drawn[seed]);
        }
    }

    [Fact]
    public void ADeepDocumentIsFollowed()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema("true", ToyVocabulary.Instance);
        string document = new string('[', 300) + new string(']', 300);
        Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(document)));
        Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(document + "]")));
    }

    [Fact]
    public void ManyPropertiesInAnyOrder()
    {
        string[] names = [.. Enumerable.Range(0, 200).Select(i => $"p{i}")];
        string schema = $$"""{"type":"object","properties":{{{string.Join(',', names.Select(n => $"\"{n}\":{{\"type\":\"integer\"}}"))}}},"required":[{{string.Join(',', names.Select(n => $"\"{n}\""))}}],"additionalProperties":false}""";
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance);
        new Random(3).Shuffle(names);
        string document = $"{{{string.Join(',', names.Select(n => $"\"{n}\":1"))}}}";
        Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(document)));
        Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(document.Replace("\"p7\":1,", "", StringComparison.Ordinal))));
    }
}
