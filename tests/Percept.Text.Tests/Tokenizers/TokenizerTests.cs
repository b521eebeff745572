using System.Buffers;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

public class TokenizerTests
{
    private static readonly AddedToken s_end = new("<|end|>", 1000) { Special = true };

    private static readonly AddedToken s_image = new("<image>", 1001);

    public static TheoryData<string> Kinds() => ["gpt2", "qwen", "nfc", "prefix", "digits", "ignore", "always", "first"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void IdsAloneAreTheIdsOfTheFullEncoding(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        var random = new Random(11);
        var writer = new ArrayBufferWriter<int>();
        for (int i = 0; i < 1500; i++)
        {
            string text = SampleTokenizers.RandomText(random, random.Next(0, 20), loneSurrogates: true);
            text += i % 3 == 0 ? " <|end|> x<image>y" : "";
            bool allow = i % 2 == 0;
            TokenEncoding full = tokenizer.Encode(text, options: new EncodeOptions { AllowSpecial = allow });
            int[] alone = tokenizer.EncodeIds(text, allowSpecial: allow);
            Assert.Equal(full.Ids, alone);
            Assert.Equal(alone.Length, tokenizer.CountTokens(text, allowSpecial: allow));
            writer.ResetWrittenCount();
            tokenizer.EncodeIds(text, writer, allowSpecial: allow);
            Assert.Equal(alone, writer.WrittenSpan.ToArray());
            Assert.Equal(full.Count, full.Offsets.Count);
            Assert.Equal(full.Count, full.Tokens.Count);
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("qwen")]
    [InlineData("nfc")]
    [InlineData("digits")]
    [InlineData("ignore")]
    public void TheShortWayOfByteLevelTokenizersTellsWhatTheLongWayTells(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        // A step that the short way does not know, and that never finds anything.
        var step = new SplitPreTokenizer("\uE000", false, SplitBehavior.Removed);
        var other = new Tokenizer(tokenizer.Parts with
        {
            PreTokenizer = new PreTokenizerSequence([step, tokenizer.Parts.PreTokenizer!]),
        });
        var random = new Random(16);
        var options = new EncodeOptions { AllowSpecial = true };
        for (int i = 0; i < 500; i++)
        {
            string text = SampleTokenizers.RandomText(random, random.Next(0, 20)) + (i % 2 == 0 ? " <|end|> x <image>e\u0301" : "");
            TokenEncoding want = other.Encode(text, options: options);
            TokenEncoding got = tokenizer.Encode(text, options: options);
            Assert.Equal(want.Ids, got.Ids);
            Assert.Equal(want.Tokens, got.Tokens);
            Assert.Equal(want.Offsets, got.Offsets);
            Assert.Equal(want.Ids, other.EncodeIds(text, allowSpecial: true));
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("qwen")]
    [InlineData("digits")]
    [InlineData("ignore")]
    public void DecodingGivesTheTextBack(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        var random = new Random(12);
        for (int i = 0; i < 500; i++)
        {
            string text = SampleTokenizers.RandomText(random, random.Next(0, 20));
            Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeIds(text)));
        }
    }

    [Fact]
    public void OffsetsCountWhatIsAskedFor()
    {
        Tokenizer tokenizer = Make("gpt2");
        TokenEncoding points = tokenizer.Encode("😀 the");
        TokenEncoding units = tokenizer.Encode("😀 the", options: new EncodeOptions { OffsetUnit = OffsetUnit.Utf16 });
        Assert.Equal(new TokenOffset(0, 1), points.Offsets[0]);
        Assert.Equal(new TokenOffset(1, 5), points.Offsets[^1]);
        Assert.Equal(new TokenOffset(0, 2), units.Offsets[0]);
        Assert.Equal(new TokenOffset(2, 6), units.Offsets[^1]);
    }

    [Fact]
    public void LoneSurrogatesCountAsReplacementCharacters()
    {
        Tokenizer tokenizer = Make("gpt2");
        foreach (string broken in (string[])["\uD800", "a\uDC00b", "\uD800\uD800\uDC00", "x\uDBFF"])
        {
            string repaired = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(broken));
            Assert.Equal(tokenizer.EncodeIds(repaired), tokenizer.EncodeIds(broken));
            Assert.Equal(tokenizer.Encode(repaired).Offsets, tokenizer.Encode(broken).Offsets);
        }
    }

    [Fact]
    public void TextOfAUserBecomesNoControlToken()
    {
        Tokenizer tokenizer = Make("gpt2");
        int[] plain = tokenizer.EncodeIds("a<|end|>b<image>");
        Assert.DoesNotContain(s_end.Id, plain);
        Assert.Contains(s_image.Id, plain);
        Assert.Equal("a<|end|>b<image>", tokenizer.Decode(plain));
        Assert.Equal(plain, tokenizer.Encode("a<|end|>b<image>").Ids);
        int[] asked = tokenizer.EncodeIds("a<|end|>b", allowSpecial: true);
        Assert.Contains(s_end.Id, asked);
        Assert.Equal("ab", tokenizer.Decode(asked, skipSpecialTokens: true));
    }

    [Fact]
    public void TextsKeptByIdAreWhatTheDecodersSay()
    {
        TokenDecoder mark = new ReplaceDecoder("▁", false, " ");
        TokenDecoder[] decoders =
        [
            new DecoderSequence([mark, new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(" ", 1, 0)]),
            new DecoderSequence([mark, new ByteFallbackDecoder(), new FuseDecoder()]), new FuseDecoder(),
            new MetaspaceDecoder("▁", PrependScheme.Always), new MetaspaceDecoder("▁", PrependScheme.Never),
            new WordPieceDecoder("##", true), new StripDecoder("▁", 1, 1), new ByteFallbackDecoder(),
        ];
        Tokenizer sample = Make("always");
        var random = new Random(17);
        foreach (TokenDecoder decoder in decoders)
        {
            var tokenizer = new Tokenizer(sample.Parts with { Decoder = decoder });
            Assert.NotNull(TokenwiseDecoder.TryMake(tokenizer));
            for (int i = 0; i < 300; i++)
            {
                int[] ids = [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => random.Next(tokenizer.VocabularySize))];
                string[] tokens = [.. ids.Select(tokenizer.IdToToken).OfType<string>()];
                Assert.Equal(decoder.Decode(tokens), tokenizer.Decode(ids));
            }
        }
    }

    [Fact]
    public void IdsOutOfRangeAreRefused()
    {
        Tokenizer tokenizer = Make("gpt2");
        Assert.Equal(1002, tokenizer.VocabularySize);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([1002]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make("always").Decode([int.MaxValue]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.CreateDecodeStream().Step(5000));
        // An id inside the range without a token says nothing.
        Assert.Equal("a", tokenizer.Decode([900, tokenizer.TokenToId("a")!.Value]));
    }

    [Fact]
    public void ManyThreadsShareATokenizer()
    {
        Tokenizer tokenizer = Make("qwen");
        var random = new Random(13);
        string[] texts = [.. Enumerable.Range(0, 200).Select(_ => SampleTokenizers.RandomText(random, 30))];
        int[][] want = [.. texts.Select(text => tokenizer.EncodeIds(text))];
        Parallel.For(0, 2000, i =>
        {
            Assert.Equal(want[i % texts.Length], tokenizer.EncodeIds(texts[i % texts.Length]));
            if (i % 16 == 0)
            {
                Assert.Equal(want[i % texts.Length], tokenizer.Encode(texts[i % texts.Length]).Ids);
            }
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncodingAllocatesNothingPerToken(bool normal)
    {
        Tokenizer tokenizer = Make("qwen");
        string text = SampleTokenizers.RandomText(new Random(14), 20_000);
        text = normal ? text.Normalize() : text;
        var ids = new List<int>(200_000);

        // Other tests may hold the pooled buffers; one quiet call shows that nothing more is needed.
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            ids.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread();
            tokenizer.EncodeIds(text, ids);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, 4096);
        Assert.True(ids.Count > 20_000);
    }

    [Fact]
    public void BytesThatAVocabularyLacksAreDroppedOnBothWays()
    {
        // As StarCoder's, which lacks the first bytes of rare planes.
        string[] tokens = [.. Enumerable.Range(0, 256).Where(value => value is not 0xF1 and < 0xF5).Select(
            value => ByteAlphabet.Letter((byte)value).ToString()), "ab"];
        var tokenizer = new Tokenizer(new TokenizerParts(new BpeModel(Vocabulary.FromList(tokens), [("a", "b")]))
        {
            PreTokenizer = new ByteLevelPreTokenizer(false, true),
            Decoder = new ByteLevelDecoder(),
        });
        Assert.NotNull(FastEncoder.TryMake(tokenizer.Parts));
        foreach (string text in (string[])["a\U00040000b ab", "\U00050001", "", "x\U0001F600y"])
        {
            Assert.Equal(tokenizer.Encode(text).Ids, tokenizer.EncodeIds(text));
        }
    }

    [Fact]
    public void WhiteSpaceThatTokensSwallowIsLookedAtOnce()
    {
        Tokenizer tokenizer = SampleTokenizers.ByteLevel(
            added: [new AddedToken("\t", 600) { LeftStrip = true, RightStrip = true }, new AddedToken("<x>", 601) { LeftStrip = true }]);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        string white = new(' ', 300_000);
        Assert.Equal([600, 601], tokenizer.EncodeIds($"{white}\t{white}<x>", allowSpecial: true));
        Assert.Equal(200_000, tokenizer.EncodeIds(new string('\t', 200_000), allowSpecial: true).Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData("qwen")]
    [InlineData("prefix")]
    [InlineData("digits")]
    [InlineData("nfc")]
    public void EncodingAllocatesNothingWhateverTheStages(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        string text = SampleTokenizers.RandomText(new Random(21), 20_000).Normalize();
        var ids = new List<int>(200_000);
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            ids.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread();
            tokenizer.EncodeIds(text, ids);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, 4096);
    }

    [Fact]
    public void TheStreamHandsOutWholeCharacters()
    {
        Tokenizer tokenizer = Make("gpt2");
        var random = new Random(15);
        for (int i = 0; i < 100; i++)
        {
            string text = SampleTokenizers.RandomText(random, 12).Replace("\uFFFD", "", StringComparison.Ordinal) + ".";
            DecodeStream stream = tokenizer.CreateDecodeStream();
            string got = string.Concat(tokenizer.EncodeIds(text).Select(stream.Step));
            Assert.Equal(text, got);
        }
    }

    [Fact]
    public void TheStreamGoesOnAfterBytesThatTakeACharacterBack()
    {
        Tokenizer tokenizer = Make("always");
        int[] ids = [.. "\U0001F600"u8.ToArray().Append((byte)0xFF).Select(value => tokenizer.TokenToId($"<0x{value:X2}>")!.Value)];
        int after = tokenizer.TokenToId("a")!.Value;
        DecodeStream stream = tokenizer.CreateDecodeStream();
        Assert.Equal("\U0001F600", string.Concat(ids[..4].Select(stream.Step)));
        Assert.Null(stream.Step(ids[4]));
        // All of it at once has lost the character: five bytes that are none.
        Assert.Equal("\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDa", tokenizer.Decode([.. ids, after]));
        Assert.Equal("\uFFFDa", stream.Step(after));
        Assert.Equal("a", stream.Step(after));
    }

    [Fact]
    public void WindowsOverlapByTheStride()
    {
        Tokenizer tokenizer = Make("gpt2");
        TokenEncoding cut = tokenizer.Encode("1 2 3 4 5", options: new EncodeOptions
        {
            Truncation = new TruncationOptions(4) { Stride = 1 },
        });
        int[] all = tokenizer.EncodeIds("1 2 3 4 5");
        Assert.Equal(all[..4], cut.Ids);
        Assert.Equal(all[3..7], cut.Overflowing[0].Ids);
        Assert.Throws<ArgumentException>(() => tokenizer.Encode("1 2 3 4 5", options: new EncodeOptions
        {
            Truncation = new TruncationOptions(4) { Stride = 4 },
        }));
        Assert.Throws<ArgumentException>(() => tokenizer.Encode("1 2 3", options: new EncodeOptions
        {
            Truncation = new TruncationOptions(2) { Strategy = TruncationStrategy.OnlySecond },
        }));
        Assert.Throws<TextLimitException>(() => tokenizer.Encode("1", options: new EncodeOptions
        {
            Padding = new PaddingOptions { Length = int.MaxValue },
        }));
    }

    [Fact]
    public void UnknownCharactersAreAnErrorWhereTheModelHasNoTokenForThem()
    {
        var vocabulary = Vocabulary.FromList(["a", "b"]);
        TokenModel[] models =
        [
            new WordLevelModel(vocabulary), new WordPieceModel(vocabulary), new UnigramModel(["a", "b"], [0, 0], null),
            new BpeModel(vocabulary, [], new BpeOptions { UnknownToken = "<unk>" }),
        ];
        foreach (TokenModel model in models)
        {
            var tokenizer = new Tokenizer(new TokenizerParts(model));
            Assert.Equal([0], tokenizer.EncodeIds("a"));
            Assert.Throws<InvalidDataException>(() => tokenizer.EncodeIds("c"));
            Assert.Throws<InvalidDataException>(() => tokenizer.Encode("c"));
        }
    }

    private static Tokenizer Make(string kind) => kind switch
    {
        "gpt2" => SampleTokenizers.ByteLevel(added: [s_end, s_image]),
        "nfc" => SampleTokenizers.ByteLevel(normalizer: UnicodeNormalizer.Nfc, added: [s_end, s_image]),
        "prefix" => SampleTokenizers.ByteLevel(new ByteLevelPreTokenizer(true, true), added: [s_end, s_image]),
        "qwen" or "ignore" => SampleTokenizers.ByteLevel(
            new PreTokenizerSequence(
            [
                new SplitPreTokenizer(SampleTokenizers.Qwen, true, SplitBehavior.Isolated),
                new ByteLevelPreTokenizer(false, false),
            ]), null, kind == "ignore", s_end, s_image with { Normalized = true }),
        "digits" => SampleTokenizers.ByteLevel(
            new PreTokenizerSequence(
                [new DigitsPreTokenizer(individual: false), new ByteLevelPreTokenizer(false, true)]), added: [s_end, s_image]),
        "always" => SampleTokenizers.Metaspace(PrependScheme.Always, s_end, s_image),
        _ => SampleTokenizers.Metaspace(PrependScheme.First, s_end, s_image),
    };
}
