using System.Text;
using Percept.TestSupport;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

public class TokenizerJsonTests
{
    [Fact]
    public void TheSeedsAreReadAndUsed()
    {
        foreach (byte[] seed in TextTokenizerSeeds.Files())
        {
            Tokenizer tokenizer = Tokenizer.FromJson(seed);
            Assert.NotEmpty(tokenizer.EncodeIds("ab a b"));
        }
    }

    [Theory]
    [InlineData("\"type\":\"NFC\"", "\"type\":\"NFX\"", "NFX")]
    [InlineData("\"fuse_unk\"", "\"fuse_unknown\"", "fuse_unknown")]
    [InlineData("\"dropout\":null", "\"dropout\":0.1", "dropout")]
    [InlineData("\"version\":\"1.0\"", "\"version\":\"2.0\"", "2.0")]
    [InlineData("\"added_tokens\"", "\"adept_tokens\"", "adept_tokens")]
    public void WhatIsNotSupportedIsNamed(string old, string with, string named)
    {
        string json = Encoding.UTF8.GetString(TextTokenizerSeeds.Files()[0]);
        Assert.Contains(old, json, StringComparison.Ordinal);
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => Read(json.Replace(old, with, StringComparison.Ordinal)));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "model")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}}", "-1")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":4294967296},\"merges\":[]}}", "4294967296")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}", "'b'")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a\"]}}", "merge")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"\\ud800\":0},\"merges\":[]}}", "not valid")]
    [InlineData("{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",0]],\"unk_id\":7}}", "7")]
    [InlineData("{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\"]]}}", "list")]
    public void BrokenFilesAreRefused(string json, string named)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(json));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeIdTakesNoMemory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Tokenizer tokenizer = Read("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":2147483646,\"<unk>\":5}}}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        Assert.Equal([2147483646], tokenizer.EncodeIds("a"));
        Assert.Equal("a", tokenizer.Decode([2147483646]));
        Assert.Equal(int.MaxValue, tokenizer.VocabularySize);
    }

    [Fact]
    public void AddedTokensAreNumberedBehindTheVocabulary()
    {
        Tokenizer tokenizer = Read(
            "{\"added_tokens\":[{\"id\":1,\"content\":\"b\"},{\"id\":90,\"content\":\"x\"},{\"id\":91,\"content\":\"y\"}]," +
            "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":1}}}");
        Assert.Equal(1, tokenizer.TokenToId("b"));
        Assert.Equal(2, tokenizer.TokenToId("x"));
        Assert.Equal(3, tokenizer.TokenToId("y"));
        Assert.Equal([0, 2, 3], tokenizer.EncodeIds("axy"));
    }

    /// <summary>Also behind the greatest id of an added token that the vocabulary has beyond its holes.</summary>
    [Fact]
    public void AddedTokensAreNumberedBehindThoseBeforeThem()
    {
        Tokenizer tokenizer = Read(
            "{\"added_tokens\":[{\"id\":7,\"content\":\"<s>\"},{\"id\":8,\"content\":\"<image>\"},{\"id\":9,\"content\":\"<end>\"}]," +
            "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":1,\"<s>\":7}}}");
        Assert.Equal(7, tokenizer.TokenToId("<s>"));
        Assert.Equal(8, tokenizer.TokenToId("<image>"));
        Assert.Equal(9, tokenizer.TokenToId("<end>"));
    }

    [Fact]
    public void DeepNestingIsRefused()
    {
        string open = string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", 2000));
        string close = string.Concat(Enumerable.Repeat("]}", 2000));
        Assert.Throws<InvalidDataException>(() => Read($"{{\"normalizer\":{open}{close}}}"));
    }

    private static Tokenizer Read(string json) => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json));
}
