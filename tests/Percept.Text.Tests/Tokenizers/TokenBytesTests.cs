using System.Text;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

/// <summary>The bytes of single tokens add up to the decoded text.</summary>
public class TokenBytesTests
{
    public static TheoryData<string> Kinds() => ["bytes", "marks", "words"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void BytesOfTokensBehindTheFirstAddUp(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        TokenBytes table = TokenBytes.Of(tokenizer);
        Assert.Equal(tokenizer.VocabularySize, table.Count);
        int[] ids = tokenizer.EncodeIds("the quick brown fox 你好 jumps, doesn't it? é");
        Assert.True(ids.Length > 3);
        var bytes = new List<byte>();
        foreach (int id in ids.AsSpan(1))
        {
            bytes.AddRange(table[id]);
        }

        string first = tokenizer.Decode(ids.AsSpan(0, 1));
        Assert.Equal(tokenizer.Decode(ids), first + Encoding.UTF8.GetString([.. bytes]));
        Assert.Equal(Enumerable.Range(0, table.Count).Max(id => table[id].Length), table.MaxLength);
    }

    [Fact]
    public void AByteTokenIsOneByteAndAControlTokenIsTold()
    {
        Tokenizer tokenizer = SampleTokenizers.Metaspace(
            PrependScheme.Always, new AddedToken("<|end|>", 2000) { Special = true });
        TokenBytes table = TokenBytes.Of(tokenizer);
        Assert.Equal([0xE4], table[tokenizer.TokenToId("<0xE4>")!.Value].ToArray());
        Assert.True(table.IsSpecial(2000));
        Assert.Equal("<|end|>"u8.ToArray(), table[2000].ToArray());
        Assert.Empty(table[1999].ToArray());
        Assert.Empty(table[2001].ToArray());
        Assert.Equal((byte)' ', table[tokenizer.TokenToId("▁the")!.Value][0]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TokensAreTakenApartIntoSuchOfOneCharacter(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        int[] ids = tokenizer.EncodeIds("the quick brown fox 你好 jumps, doesn't it? é");
        if (kind == "words")
        {
            Assert.Contains("BPE", Assert.Throws<NotSupportedException>(() => tokenizer.CharactersOf(ids[0])).Message, StringComparison.Ordinal);
            return;
        }

        int[] letters = [.. ids.SelectMany(tokenizer.CharactersOf)];
        Assert.True(letters.Length > ids.Length);
        Assert.Equal(tokenizer.Decode(ids), tokenizer.Decode(letters));
        Assert.All(letters, id => Assert.True(tokenizer.IdToToken(id) is [_] or ['<', '0', 'x', _, _, '>']));
    }

    [Fact]
    public void TokensOfUnigramAreTakenApartAndMarkedOnesAreNot()
    {
        string?[] tokens = ["<unk>", "<", "u", "n", "k", ">", "▁", "▁un", "kn", "ß"];
        var unigram = new Tokenizer(new TokenizerParts(new UnigramModel(tokens, new double[tokens.Length], unknownId: 0)));
        Assert.Equal([6, 2, 3], unigram.CharactersOf(7));
        Assert.Equal([4, 3], unigram.CharactersOf(8));
        Assert.Equal([0], unigram.CharactersOf(0));
        var marked = new Tokenizer(new TokenizerParts(new BpeModel(Vocabulary.FromList(["a", "b</w>", "ab</w>"]), [("a", "b</w>")], new BpeOptions { EndOfWordSuffix = "</w>" })));
        Assert.False(marked.HasCharacters);
        Assert.Throws<NotSupportedException>(() => marked.CharactersOf(2));
    }

    [Fact]
    public void AddedTokensStayWhole()
    {
        Tokenizer tokenizer = SampleTokenizers.ByteLevel(added: new AddedToken("<|end|>", 2000) { Special = true });
        Assert.Equal([2000], tokenizer.CharactersOf(2000));
        Assert.Equal([1999], tokenizer.CharactersOf(1999));
    }

    [Fact]
    public void IdsSpreadThinlyAreRefused() => Assert.Throws<NotSupportedException>(() =>
        TokenBytes.Of(SampleTokenizers.ByteLevel(added: new AddedToken("<x>", 100_000_000))));

    private static Tokenizer Make(string kind) => kind switch
    {
        "bytes" => SampleTokenizers.ByteLevel(),
        "marks" => SampleTokenizers.Metaspace(PrependScheme.Always),
        _ => new Tokenizer(new TokenizerParts(new WordPieceModel(
            Vocabulary.FromList(
                ["[UNK]", "the", "quick", "brown", "fo", "##x", "你", "##好", "jump", "##s", ",", "does", "##n", "'", "t", "it", "?", "é"]),
            "[UNK]", "##", 100))
        {
            PreTokenizer = new BertPreTokenizer(),
            Decoder = new WordPieceDecoder("##", cleanup: false),
        }),
    };
}
