using System.Text;
using Xunit;

namespace Percept.Text.Tests;

public class VocabularyFileTests
{
    [Fact]
    public void ARankFileGivesTokensAndMerges()
    {
        TiktokenRanks ranks = TiktokenRanks.Read("YQ== 0\nYg== 1\nYWI= 2\nIA== 3\nYWJh 4\nYWJhYg== 7\n"u8);
        Assert.Equal(6, ranks.Count);
        Assert.Equal(7, ranks.MaxId);
        Assert.Equal("aba"u8.ToArray(), ranks.Token(4).ToArray());
        Assert.False(ranks.Contains(5));
        VocabularyData data = ranks.ToVocabulary();
        Assert.Equal(["a", "b", "ab", "\u0120", "aba", null, null, "abab"], data.Tokens);
        Assert.Equal([("a", "b"), ("ab", "a"), ("ab", "ab")], data.Merges);
    }

    [Fact]
    public void ARankFileIsATokenizerThatCutsAsTiktokenDoes()
    {
        var lines = new StringBuilder();
        for (int i = 0; i < 256; i++)
        {
            lines.Append(Convert.ToBase64String([(byte)i])).Append(' ').Append(i).Append('\n');
        }

        // "abcd" has no merge that leads to it: it is found whole or not at all.
        foreach ((string token, int rank) in new[] { ("ab", 256), ("abcd", 257), (" a", 258), ("12", 259) })
        {
            lines.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(token))).Append(' ').Append(rank).Append('\n');
        }

        TiktokenRanks ranks = TiktokenRanks.Read(Encoding.UTF8.GetBytes(lines.ToString()));
        var special = new Dictionary<string, int> { ["<|end|>"] = 300 };
        foreach (string pattern in new[] { KnownPatterns.Tiktoken, KnownPatterns.Gpt2, KnownPatterns.Words(1), KnownPatterns.Words(3), @"\S+|\s+", @"[a-z]+" })
        {
            var reference = new TiktokenTokenizer(ranks, pattern, special);
            Tokenizer tokenizer = TokenizerLoader.FromRanks(ranks, pattern, special);
            foreach (string text in new[] { "", "abcd abcde ab", "é 1234 <|end|>x\n\n", "\u4f60 \U0001F600 it's" })
            {
                Assert.Equal(reference.Encode(text, allowSpecial: true), tokenizer.EncodeIds(text, allowSpecial: true));
                Assert.Equal(reference.Encode(text), tokenizer.EncodeIds(text));
                Assert.Equal(reference.Decode([.. reference.Encode(text, allowSpecial: true)]), tokenizer.Decode(tokenizer.EncodeIds(text, allowSpecial: true), skipSpecialTokens: false));
            }
        }

        Assert.Throws<ArgumentException>(() => TokenizerLoader.FromRanks(ranks, "a", new Dictionary<string, int> { ["x"] = 5 }));
        Assert.All(TiktokenVocabulary.Known, known => TextPattern.Regex(known.Pattern, RegexSyntax.Rust));
    }

    [Theory]
    [InlineData("", "no tokens")]
    [InlineData("YQ==0\n", "line 1")]
    [InlineData("YQ== 0\nYQ== 1\n", "line 2")]
    [InlineData("YQ== 0\nYg== 0\n", "line 2")]
    [InlineData("YQ== -1\n", "rank")]
    [InlineData("YQ== 99999999999\n", "rank")]
    [InlineData("YQ== 15000000\n", "greatest")]
    [InlineData("!!!! 0\n", "base64")]
    [InlineData("YQ== 0 \n", "rank")]
    public void ABrokenRankFileIsRefused(string text, string said)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TiktokenRanks.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LongAndShortPiecesAreMergedAlike()
    {
        var lines = new StringBuilder();
        var tokens = new List<string>();
        foreach (string token in new[] { "a", "b", "c", "ab", "bc", "abc", "aa", "aab", "cab", "abab" })
        {
            lines.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(token))).Append(' ').Append(tokens.Count).Append('\n');
            tokens.Add(token);
        }

        TiktokenRanks ranks = TiktokenRanks.Read(Encoding.UTF8.GetBytes(lines.ToString()));
        var merger = new ByteMerger();
        var random = new Random(3);
        for (int round = 0; round < 300; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 200)).Select(_ => (char)random.Next('a', 'd')));
            List<string> want = [.. text.Select(letter => letter.ToString())];
            while (true)
            {
                (int Rank, int At)[] pairs =
                    [.. want.Zip(want.Skip(1), (a, b) => tokens.IndexOf(a + b)).Select((rank, at) => (rank, at)).Where(p => p.rank >= 0)];
                if (pairs.Length == 0)
                {
                    break;
                }

                int best = pairs.Min().At;
                want[best] += want[best + 1];
                want.RemoveAt(best + 1);
            }

            int[] starts = merger.Merge(ranks, Encoding.UTF8.GetBytes(text)).ToArray();
            string[] got = [.. starts.Select((start, i) => text[start..(i + 1 < starts.Length ? starts[i + 1] : text.Length)])];
            Assert.Equal(want, got);
        }
    }

    [Fact]
    public void SpecialTokensOfTiktokenAreTakenOrNot()
    {
        TiktokenRanks ranks = TiktokenRanks.Read("YQ== 0\nYg== 1\nYWI= 2\nPA== 3\nfA== 4\nPg== 5\n"u8);
        var tokenizer = new TiktokenTokenizer(ranks, @"\p{L}+|[^\p{L}]+", new Dictionary<string, int> { ["<|a|>"] = 9, ["<|a"] = 8 });
        Assert.Equal([2, 9, 2, 8, 1], tokenizer.Encode("ab<|a|>ab<|ab", allowSpecial: true));
        Assert.Equal([3, 4, 0, 4, 5], tokenizer.Encode("<|a|>"));
        Assert.Equal("ab<|a|>", tokenizer.Decode([2, 9]));
        Assert.Equal(9, tokenizer.MaxId);
        Assert.Throws<InvalidDataException>(() => tokenizer.Encode("c"));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([6]));
        Assert.Throws<InvalidOperationException>(() => new TiktokenTokenizer(ranks, null).Encode("a"));
        Assert.Throws<ArgumentException>(() => new TiktokenTokenizer(ranks, null, new Dictionary<string, int> { ["x"] = 2 }));
    }

    [Fact]
    public void MergesAndListsAreRead()
    {
        Assert.Equal([("a", "b"), ("#", "c")], VocabularyFiles.ReadMerges("#version: 0.2\na b\r\n# c\n"u8));
        Assert.Equal(["x", "", "ä"], VocabularyFiles.ReadList("x\n\nä\n"u8));
        Assert.Equal(["b", null, "a"], VocabularyFiles.ReadJson("{\"a\":2,\"b\":0}"u8));
        VocabularyData implied = VocabularyFiles.FromMerges([("!", "\"")]);
        Assert.Equal(257, implied.Tokens.Count);
        Assert.Equal("!", implied.Tokens[0]);
        Assert.Equal("\u0100", implied.Tokens[188]);
        Assert.Equal("!\"", implied.Tokens[256]);
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("a b c\n")]
    [InlineData(" a\n")]
    [InlineData("a \n")]
    public void BrokenMergesAreRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => VocabularyFiles.ReadMerges(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":-1}")]
    [InlineData("{\"a\":1.5}")]
    [InlineData("{\"a\":\"b\"}")]
    [InlineData("{\"a\":1,\"b\":1}")]
    [InlineData("{\"a\":9999999}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"\\ud800\":1}")]
    public void ABrokenVocabularyIsRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => VocabularyFiles.ReadJson(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void ScoresStandForMerges()
    {
        IReadOnlyList<(string, string)> merges = SentencePieceMerges.Make(
            ["a", "b", "ab", "bb", "abb", null], [0, 0, -3, -1, -2, 0]);
        Assert.Equal([("b", "b"), ("a", "bb"), ("ab", "b"), ("a", "b")], merges);
    }
}
