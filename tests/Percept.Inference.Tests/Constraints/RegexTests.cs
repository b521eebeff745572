using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Percept.Inference.Tests.Constraints;

/// <summary>Constraints by regular expression.</summary>
public class RegexTests
{
    [Theory]
    [InlineData("[a-z]+", new[] { "a", "abc" }, new[] { "", "A", "ab1" })]
    [InlineData("(red|green|blue)", new[] { "red", "blue" }, new[] { "re", "redgreen" })]
    [InlineData(@"\d{4}-\d{2}-\d{2}", new[] { "2024-01-31" }, new[] { "24-1-1", "2024-01-311", "٢٠٢٤-01-31" })]
    [InlineData(@"[^a]*", new[] { "", "é你😀", "\n" }, new[] { "a", "xa" })]
    [InlineData(@".?x", new[] { "x", "éx", "😀x" }, new[] { "\nx", "\u2028x", "aax" })]
    [InlineData(@"\s\S\w\W", new[] { " a_é", "\u3000x1-" }, new[] { "aaaa", " aé-" })]
    [InlineData(@"(?:ab){2,}c?", new[] { "abab", "abababc" }, new[] { "ab", "ababcc" })]
    [InlineData(@"a*?b+?", new[] { "b", "aabb" }, new[] { "a" })]
    [InlineData(@"^a$|^b", new[] { "a", "b" }, new[] { "ab", "" })]
    [InlineData(@"[\u4e00-\u9fff]{2}", new[] { "你好" }, new[] { "你", "ab" })]
    [InlineData(@"\uD83D\uDE00|\u{1F601}", new[] { "😀", "😁" }, new[] { "😂" })]
    [InlineData(@"\p{Lu}\p{Ll}*", new[] { "Éa", "A" }, new[] { "a" })]
    [InlineData(@"[[\]&]+", new[] { "[]&" }, new[] { "a" })]
    [InlineData(@"\x41\cJ\/\-\.", new[] { "A\n/-." }, new[] { "A\n/-x" })]
    [InlineData(@"(?i:ab)c", new[] { "ABc", "abc" }, new[] { "abC" })]
    [InlineData(@"", new[] { "" }, new[] { "a" })]
    [InlineData(@"[\x00-\x7f]|[\u0080-\u07ff]|[\ue000-\uffff]", new[] { "\0", "\u007f", "\u0080", "\u07ff", "\uffff" }, new[] { "\u0800", "😀" })]
    public void TextsAreJudgedRight(string pattern, string[] valid, string[] invalid)
    {
        TokenConstraint constraint = TokenConstraint.FromRegex(pattern, ToyVocabulary.Instance);
        foreach (string text in valid)
        {
            Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text);
        }

        foreach (string text in invalid)
        {
            Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text);
        }
    }

    [Theory]
    [InlineData(@"^(a|bc)*d$")]
    [InlineData(@"^[a-e]{3,5}-(x|yy|zzz)+$")]
    [InlineData(@"^\{""name"":""[ -!#-\[\]-~é你]{0,6}"",""age"":(0|[1-9][0-9]?)\}$")]
    [InlineData(@"^(a?b){2}c{0,3}$")]
    public void WhatIsDrawnMatches(string pattern)
    {
        TokenConstraint constraint = TokenConstraint.FromRegex(pattern, ToyVocabulary.Instance);
        for (int seed = 0; seed < 80; seed++)
        {
            string text = RandomWalk.Draw(constraint, seed);
            Assert.Matches(new Regex(pattern, RegexOptions.None), text);
        }
    }

    [Fact]
    public void EveryCharacterOfASetIsTakenAndNoOther()
    {
        TokenConstraint constraint = TokenConstraint.FromRegex(@"[\u00e9-\u0900\u{ffff}-\u{10400}]", ToyVocabulary.Instance);
        byte[] bytes = new byte[4];
        for (int codePoint = 0; codePoint < 0x11000; codePoint++)
        {
            if (Rune.TryCreate(codePoint, out Rune rune))
            {
                int count = rune.EncodeToUtf8(bytes);
                bool wanted = codePoint is (>= 0xE9 and <= 0x900) or (>= 0xFFFF and <= 0x10400);
                Assert.Equal(wanted, constraint.Accepts(bytes.AsSpan(0, count)));
            }
        }
    }

    [Fact]
    public void EscapesOfJsonCoverEveryCharacterOfASet()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            """{"type":"string","pattern":"^[\\u00e9-\\u0900\\u{ffff}-\\u{10400}]$"}""", ToyVocabulary.Instance);
        for (int codePoint = 0; codePoint < 0x11000; codePoint += codePoint < 0x1000 ? 1 : 7)
        {
            if (Rune.TryCreate(codePoint, out Rune rune))
            {
                string escaped = string.Concat(rune.ToString().Select(unit => FormattableString.Invariant($"\\u{(int)unit:x4}")));
                bool wanted = codePoint is (>= 0xE9 and <= 0x900) or (>= 0xFFFF and <= 0x10400);
                Assert.Equal(wanted, constraint.Accepts(Encoding.UTF8.GetBytes($"\"{escaped}\"")));
                Assert.Equal(wanted, constraint.Accepts(Encoding.UTF8.GetBytes($"\"{escaped.ToUpperInvariant().Replace("\\U", "\\u", StringComparison.Ordinal)}\"")));
            }
        }
    }

    [Theory]
    [InlineData("(", typeof(InvalidDataException))]
    [InlineData("[", typeof(InvalidDataException))]
    [InlineData("a**", null)]
    [InlineData("(?=a)", typeof(NotSupportedException))]
    [InlineData(@"\bword", typeof(NotSupportedException))]
    [InlineData(@"(a)\1", typeof(NotSupportedException))]
    [InlineData("a^b", typeof(NotSupportedException))]
    [InlineData("[]", typeof(NotSupportedException))]
    [InlineData("(?>a)", typeof(NotSupportedException))]
    public void WhatCannotBeFollowedIsTold(string pattern, Type? error)
    {
        Exception? thrown = Record.Exception(() => TokenConstraint.FromRegex(pattern, ToyVocabulary.Instance));
        Assert.Equal(error, thrown?.GetType());
    }
}
