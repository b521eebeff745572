using Xunit;

namespace Percept.Inference.Tests.Constraints;

/// <summary>Damaged schemas and patterns end in typed errors, whatever they say.</summary>
public class SchemaFuzzTests
{
    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "1", "-1", "1e400", "0.5", "true", "false", "null", "\"$ref\":\"#\",", "\"type\":\"string\",",
        "\"allOf\":[{}],", "\"enum\":[],", "\"minLength\":9,", "\"maxItems\":0,", "\"pattern\":\"(a|b){2,}\",", "\"items\":", "\"anyOf\":[",
        "\"required\":[\"q\"],", "\"minimum\":3,", "\"additionalProperties\":false,", "\\u0000", "é", "#/", "^", "$", "*", "{3}", "(?:",
    ];

    [Fact]
    public void DamagedSchemasEndInTypedErrors()
    {
        int compiled = 0;
        for (int seed = 0; seed < 6000; seed++)
        {
            var random = new Random(seed);
            string schema = Damage(SchemaCases.s_all[random.Next(SchemaCases.s_all.Length)].Schema, random);
            try
            {
                Walk(TokenConstraint.FromJsonSchema(schema, ToyVocabulary.Instance), random);
                compiled++;
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.NotEmpty(error.Message);
            }
        }

        Assert.InRange(compiled, 100, 5900);
    }

    [Fact]
    public void DamagedPatternsEndInTypedErrors()
    {
        string[] patterns =
            ["^[a-c]+-\\d{2,3}$", "(?:ab){2,}c?|[^x-z]", "\\p{Lu}[\\w.-]*?", "a(b(c|d){3}e)*f", "\\u{1F600}|\\x41|.", "[]-a]{2}"];
        int compiled = 0;
        for (int seed = 0; seed < 6000; seed++)
        {
            var random = new Random(seed);
            string pattern = Damage(patterns[random.Next(patterns.Length)], random);
            try
            {
                Walk(TokenConstraint.FromRegex(pattern, ToyVocabulary.Instance), random);
                compiled++;
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.NotEmpty(error.Message);
            }
        }

        Assert.InRange(compiled, 100, 5900);
    }

    [Fact]
    public void LargeSchemasAreBounded()
    {
        string name = new('n', 200_000);
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            $$$"""{"type":"object","properties":{"{{{name}}}":{}},"additionalProperties":false}""", ToyVocabulary.Instance);
        Assert.False(constraint.Accepts("{\"nn\":1}"u8));
        string chain = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"d{i}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}"));
        Assert.Throws<NotSupportedException>(() => TokenConstraint.FromJsonSchema(
            "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + chain + ",\"d5000\":{\"type\":\"null\"}}}", ToyVocabulary.Instance));
        Assert.Throws<NotSupportedException>(() => TokenConstraint.FromRegex("((a{900}){900}){900}", ToyVocabulary.Instance));
        TokenConstraint wide = TokenConstraint.FromJsonSchema(
            """{"type":"string","maxLength":2000000000}""", ToyVocabulary.Instance);
        Assert.True(wide.Accepts("\"abc\""u8));
    }

    private static void Walk(TokenConstraint constraint, Random random)
    {
        ConstraintCursor cursor = constraint.Begin();
        float[] logits = new float[ToyVocabulary.Bytes.Count];
        for (int step = 0; step < 12 && !cursor.IsComplete; step++)
        {
            Array.Clear(logits);
            cursor.Apply(logits, []);
            int[] allowed = [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0)];
            // What can be begun can go on, or end.
            Assert.True(allowed.Length > 0 || cursor.CanEnd);
            if (allowed.Length == 0)
            {
                return;
            }

            cursor.Advance(allowed[random.Next(allowed.Length)]);
        }
    }

    private static string Damage(string text, Random random)
    {
        int changes = random.Next(1, 4);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(text.Length + 1);
            int length = Math.Min(random.Next(6), text.Length - at);
            text = random.Next(3) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, s_pieces[random.Next(s_pieces.Length)]),
                _ => text.Remove(at, length).Insert(at, s_pieces[random.Next(s_pieces.Length)]),
            };
        }

        return text;
    }
}
