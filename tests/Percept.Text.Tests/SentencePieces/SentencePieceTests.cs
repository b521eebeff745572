using System.Text;
using Percept.TestSupport;
using Xunit;

namespace Percept.Text.Tests;

public class SentencePieceTests
{
    private static readonly (string, float, int)[] s_small =
    [
        ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("\u2581", -3, 1), ("a", -2, 1), ("b", -2, 1), ("ab", -3, 1),
        ("\u2581ab", -3.5f, 1), ("aa", -9, 1),
    ];

    [Fact]
    public void UnigramTakesTheHighestSum()
    {
        SentencePieceTokenizer tokenizer = Make(1, s_small);
        Assert.Equal([7], tokenizer.EncodeIds("ab"));
        Assert.Equal([3, 4, 4], tokenizer.EncodeIds("aa"));
        Assert.Equal([7, 7], tokenizer.EncodeIds("  ab   ab "));
        Assert.Equal([1, 7, 2], tokenizer.EncodeIds("ab", addBos: true, addEos: true));
        Assert.Equal([4, 3, 7], tokenizer.EncodeIds("ab a", reverse: true));
        Assert.Equal("ab ab", tokenizer.Decode([7, 7]));
    }

    [Fact]
    public void UnknownTextIsOnePieceAndKeepsItsPlace()
    {
        SentencePieceTokenizer tokenizer = Make(1, s_small);
        IReadOnlyList<SentencePieceSpan> spans = tokenizer.Encode("aß\U0001F600b");
        Assert.Equal([new(3, 0, 0), new(4, 0, 1), new(0, 1, 3), new(5, 3, 4)], spans);
        Assert.Equal(["\u2581", "a", "ß\U0001F600", "b"], tokenizer.EncodePieces("aß\U0001F600b"));
        Assert.Equal("a \u2047 b", tokenizer.Decode([3, 4, 0, 5]));
    }

    [Fact]
    public void ByteFallbackGivesBytesWhoseLastHasTheSpan()
    {
        SentencePieceTokenizer tokenizer = Make(
            1, [("<unk>", 0, 2), .. TextSentencePieceSeeds.Bytes(), ("\u2581", -1, 1)], fallback: true);
        Assert.Equal([new(257, 0, 0), new(1 + 0xC3, 0, 0), new(1 + 0xA9, 0, 1)], tokenizer.Encode("é"));
        Assert.Equal("é", tokenizer.Decode([257, 1 + 0xC3, 1 + 0xA9]));
        Assert.Equal("\uFFFD\uFFFDé", tokenizer.Decode([1 + 0xC3, 1 + 0xFF, 1 + 0xC3, 1 + 0xA9]));
    }

    [Fact]
    public void BpeMergesTheBestLeftmostPairAndTakesUnusedPiecesApart()
    {
        SentencePieceTokenizer tokenizer = Make(
            2,
            [("<unk>", 0, 2), ("\u2581", -9, 1), ("a", -8, 1), ("b", -7, 1), ("aa", -1, 1), ("aaa", -2, 5), ("<u>", 0, 4)],
            prefix: false);
        Assert.Equal([4, 2], tokenizer.EncodeIds("aaa"));
        Assert.Equal([4, 4], tokenizer.EncodeIds("aaaa"));
        Assert.Equal([2, 6, 2], tokenizer.EncodeIds("a<u>a"));
    }

    [Fact]
    public void RulesReplaceTheLongestMatchAndOffsetsFollow()
    {
        SentencePieceTokenizer tokenizer = Make(
            4, [("<unk>", 0, 2), ("a", 0, 1), ("x", 0, 1), ("y", 0, 1)], charsmap: TextSentencePieceSeeds.Charsmap(), prefix: false);
        Assert.Equal("axya", tokenizer.Normalize("AABäA"));
        Assert.Equal([new(1, 0, 1), new(2, 1, 1), new(3, 1, 4), new(1, 4, 5)], tokenizer.Encode("AABäA"));
    }

    [Theory]
    [InlineData(true, true, false, "\u2581a\u2581b")]
    [InlineData(false, true, false, "a\u2581b")]
    [InlineData(true, false, false, "\u2581\u2581a\u2581\u2581b\u2581")]
    [InlineData(true, true, true, "a\u2581b\u2581")]
    public void WhiteSpaceFollowsTheRules(bool prefix, bool remove, bool suffix, string want)
    {
        SentencePieceTokenizer tokenizer = Make(1, s_small, prefix: prefix, removeSpaces: remove, suffix: suffix);
        Assert.Equal(want, tokenizer.Normalize(" a  b "));
    }

    [Fact]
    public void ALongTextIsCutInLittleTime()
    {
        SentencePieceTokenizer unigram = Make(1, s_small);
        SentencePieceTokenizer bpe = Make(2, s_small);
        string text = string.Concat(Enumerable.Repeat("ab aa ß", 30_000));
        Assert.Equal(text, unigram.Decode([.. unigram.EncodeIds(text)]).Replace(" \u2047 ", "ß", StringComparison.Ordinal));
        Assert.Equal(text, bpe.Decode([.. bpe.EncodeIds(text)]).Replace(" \u2047 ", "ß", StringComparison.Ordinal));
    }

    [Fact]
    public void EncodingAllocatesOnlyItsResult()
    {
        SentencePieceTokenizer tokenizer = Make(1, s_small);
        string text = string.Concat(Enumerable.Repeat("ab aa ", 2000));
        tokenizer.Encode(text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = tokenizer.Encode(text).Count;
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < (count * 40) + 20_000, $"{bytes} bytes for {count} pieces");
    }

    [Theory]
    [InlineData("no unknown", "unknown")]
    [InlineData("two unknown", "both")]
    [InlineData("empty piece", "empty")]
    [InlineData("twice", "twice")]
    [InlineData("bad byte", "<0xZZ>")]
    [InlineData("negative byte", "<0x-1>")]
    [InlineData("bytes without fallback", "fallback")]
    [InlineData("missing byte", "<0x00>")]
    public void ABrokenVocabularyIsRefusedByName(string what, string said)
    {
        (string, float, int)[] pieces = what switch
        {
            "no unknown" => [("a", 0, 1)],
            "two unknown" => [("<unk>", 0, 2), ("<u2>", 0, 2)],
            "empty piece" => [("<unk>", 0, 2), ("", 0, 1)],
            "twice" => [("<unk>", 0, 2), ("a", 0, 1), ("a", 0, 1)],
            "bad byte" => [("<unk>", 0, 2), ("<0xZZ>", 0, 6)],
            "negative byte" => [("<unk>", 0, 2), ("<0x-1>", 0, 6)],
            "bytes without fallback" => [("<unk>", 0, 2), ("<0x41>", 0, 6)],
            _ => [("<unk>", 0, 2), ("<0x41>", 0, 6)],
        };
        bool fallback = what == "missing byte";
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Make(1, pieces, fallback: fallback));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACutFileIsRefusedAtEveryLength()
    {
        byte[] data = TextSentencePieceSeeds.Model(1, s_small);
        for (int length = 0; length < data.Length; length++)
        {
            try
            {
                _ = new SentencePieceTokenizer(SentencePieceModel.Read(data.AsSpan(0, length)));
            }
            catch (InvalidDataException)
            {
            }
        }

        Assert.Throws<InvalidDataException>(() => SentencePieceModel.Read([]));
        Assert.Throws<InvalidDataException>(() => SentencePieceModel.Read("{\"model\":{}}"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(1, s_small).Decode([9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(1, s_small).Piece(-1));
    }

    [Fact]
    public void ATrieFindsWhatADictionaryFinds()
    {
        var random = new Random(7);
        var words = new Dictionary<string, int>();
        while (words.Count < 4000)
        {
            words.TryAdd(string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)random.Next('a', 'h'))), words.Count);
        }

        ReadOnlyMemory<byte>[] keys = [.. words.Keys.Select(word => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(word)))];
        ByteTrie trie = ByteTrie.Build(keys, [.. words.Values]);
        foreach ((string word, int id) in words)
        {
            Assert.Equal(id, trie.Find(Encoding.UTF8.GetBytes(word)));
        }

        for (int i = 0; i < 4000; i++)
        {
            string word = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next('a', 'i')));
            byte[] bytes = Encoding.UTF8.GetBytes(word);
            Assert.Equal(words.GetValueOrDefault(word, -1), trie.Find(bytes));
            int longest = Enumerable.Range(1, word.Length).LastOrDefault(length => words.ContainsKey(word[..length]));
            trie.Longest(bytes, out int length);
            Assert.Equal(longest, length);
        }
    }

    private static SentencePieceTokenizer Make(
        int kind,
        IReadOnlyList<(string, float, int)> pieces,
        byte[]? charsmap = null,
        bool fallback = false,
        bool prefix = true,
        bool removeSpaces = true,
        bool suffix = false) =>
        new(SentencePieceModel.Read(
            TextSentencePieceSeeds.Model(kind, pieces, charsmap, fallback, prefix, removeSpaces, suffix)));
}
