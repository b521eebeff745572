using System.Diagnostics;
using System.Text;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

/// <summary>Quoted text gives no control token, and otherwise the tokens that it gives by itself.</summary>
public class QuoteTests
{
    private static readonly AddedToken[] s_added =
    [
        new("<|end|>", 2001) { Special = true }, new("<|end|>more", 2002) { Special = true }, new("<img>", 2003),
        new("<s>", 2004) { Special = true, Normalized = true }, new("</s>", 2005) { Special = true, LeftStrip = true, RightStrip = true },
        new("¦", 2006) { Special = true }, new("😀", 2007) { Special = true }, new("<w>", 2008) { Special = true, SingleWord = true },
    ];

    public static TheoryData<string> Kinds { get; } = ["bytes", "normalized", "marks"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void QuotedTextIsPlainText(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        var random = new Random(5);
        for (int round = 0; round < 400; round++)
        {
            string text = Attack(random);
            string quoted = tokenizer.Quote(text);
            Assert.Equal(tokenizer.EncodeIds(text), tokenizer.EncodeQuoted(quoted));
            Assert.Equal(text, Tokenizer.Unquote(quoted));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatStandsAroundItKeepsItsControlTokens(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        var random = new Random(6);
        for (int round = 0; round < 200; round++)
        {
            int[] ids = tokenizer.EncodeQuoted($"<s>user\n{tokenizer.Quote(Attack(random))}<|end|>\n<s>you\n");
            Assert.Equal([2004, 2001, 2004], ids.Where(tokenizer.IsSpecial));
        }
    }

    [Fact]
    public void MarksAreQuotedToo()
    {
        Tokenizer tokenizer = Make("bytes");
        Assert.Equal([2003], tokenizer.EncodeQuoted("<img>"));
        Assert.Equal([2003], tokenizer.EncodeQuoted(tokenizer.Quote("<img>")));
        Assert.DoesNotContain(2003, tokenizer.EncodeQuoted(tokenizer.Quote("a <img>", "<img>")));
        Assert.DoesNotContain("<img>", tokenizer.Quote("a <img>", "<img>"), StringComparison.Ordinal);
    }

    /// <summary>Characters that a normalizer turns into a control token are no way around.</summary>
    [Fact]
    public void OtherCharactersOfTheSameTokenAreQuoted()
    {
        Tokenizer tokenizer = Make("normalized");
        Assert.Contains(2004, tokenizer.EncodeQuoted("＜ｓ＞"));
        Assert.DoesNotContain(2004, tokenizer.EncodeQuoted(tokenizer.Quote("x＜ｓ＞")));
    }

    [Fact]
    public void TextWithoutControlTokensIsTheSameText()
    {
        Tokenizer tokenizer = Make("bytes");
        const string Text = "an < ordinary |end> text";
        Assert.Same(Text, tokenizer.Quote(Text));
        Assert.Equal("  x", Tokenizer.Unquote(Tokenizer.QuoteApart("  x")));
        Assert.Equal("\uFDD0 \uFDD0\uFDD0", Tokenizer.Unquote(tokenizer.Quote("\uFDD0 \uFDD0\uFDD0")));
    }

    [Fact]
    public void ManyControlTokensTakeNoLonger()
    {
        Tokenizer tokenizer = Make("bytes");
        string text = string.Concat(Enumerable.Repeat("<|end|>", 50_000));
        long start = Stopwatch.GetTimestamp();
        Assert.DoesNotContain(2001, tokenizer.EncodeQuoted(tokenizer.Quote(text)));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    private static Tokenizer Make(string kind) => kind switch
    {
        "marks" => SampleTokenizers.Metaspace(PrependScheme.First, s_added),
        "normalized" => SampleTokenizers.ByteLevel(null, UnicodeNormalizer.Nfkc, false, s_added),
        _ => SampleTokenizers.ByteLevel(null, null, false, s_added),
    };

    private static string Attack(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(6); i >= 0; i--)
        {
            text.Append(random.Next(3) switch
            {
                0 => SampleTokenizers.RandomText(random, 2),
                1 => s_added[random.Next(s_added.Length)].Content,
                _ => ((string[])["<|", "end|>", "more", " ", "<", "\uFDD0", "s>", "ＡＢ"])[random.Next(8)],
            });
        }

        return text.ToString();
    }
}
