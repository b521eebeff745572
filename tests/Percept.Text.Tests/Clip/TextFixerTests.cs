using Xunit;

namespace Percept.Text.Tests;

public class TextFixerTests
{
    // The reference's own answers.
    [Theory]
    [InlineData("sÃ³", "só")]
    [InlineData("âœ” No problems", "✔ No problems")]
    [InlineData("voilÃ  le travail", "voilà le travail")]
    [InlineData("Broken text&hellip; it&#x2019;s ﬂubberiﬁc!", "Broken text… it's flubberific!")]
    [InlineData("ＬＯＵＤ　ＮＯＩＳＥＳ", "LOUD NOISES")]
    [InlineData("P&EACUTE;REZ &nTILDE;", "PÉREZ &nTILDE;")]
    [InlineData("<b>&amp;", "<b>&amp;")]
    [InlineData("&amp;\n<b>&amp;\n&amp;", "&\n<b>&amp;\n&amp;")]
    [InlineData("a\u001b[36;44mb\u001b[0m", "ab")]
    [InlineData("x\u0085y\u0093z\u0094", "x…y\"z\"")]
    [InlineData("l\r\nm\rn\u2028o", "l\nm\nn\no")]
    [InlineData("\ufeffbom\u0000\u007f", "bom")]
    [InlineData("ŉ Ǆ ﾊﾟ", "'n DŽ パ")]
    [InlineData("plain & simple", "plain & simple")]
    [InlineData("naïve café", "naïve café")]
    [InlineData("ðŸ˜€ smile", "😀 smile")]
    [InlineData("Р—РґСЂР°РІСЃС‚РІСѓР№", "Здравствуй")]
    public void TextIsRepairedAsInTheReference(string text, string want) => Assert.Equal(want, TextFixer.Fix(text));

    [Theory]
    [InlineData("&lt &amp;amp; &notit; &#x80; &#0; &#xd800; &#1114112; &#11; &x &#; &#x;", "< &amp; ¬it; € \uFFFD \uFFFD \uFFFD  &x &#; &#x;")]
    [InlineData("&hearts;&NotEqualTilde;&AMP", "♥≂̸&")]
    public void ReferencesAreReplacedAsInTheReference(string text, string want) => Assert.Equal(want, HtmlText.Unescape(text));

    [Fact]
    public void WordsAreCutInTheOrderOfThePattern()
    {
        string text = "it's a<|endoftext|>!<|endoftext|> 12é, ü";
        var words = new List<string>();
        for (int at = 0; at < text.Length;)
        {
            int length = ClipWords.Next(text, ["<|startoftext|>", "<|endoftext|>"], ref at);
            if (length > 0)
            {
                words.Add(text.Substring(at, length));
            }

            at += length;
        }

        Assert.Equal(["it", "'s", "a", "<|endoftext|>", "!<|", "endoftext", "|>", "1", "2", "é", ",", "ü"], words);
    }
}
