using Xunit;

namespace Percept.Text.Tests;

public class WhisperTests
{
    [Theory]
    [InlineData("Hello, [noise] (laughs) WORLD <b>!", "hello world ")]
    [InlineData("a()b (c", "a b c")]
    [InlineData("[x [y] z]", " z ")]
    [InlineData("Ünïcode\u2028x", "ünïcode x")]
    public void AnyLanguageIsNormalized(string text, string want) =>
        Assert.Equal(want, new WhisperTextNormalizer().Normalize(text));

    [Theory]
    [InlineData("twenty-one", "21")]
    [InlineData("one hundred and five", "105")]
    [InlineData("nineteen eighty four", "1984")]
    [InlineData("one", "one")]
    [InlineData("one oh one", "101")]
    [InlineData("minus three", "-3")]
    [InlineData("five percent", "5%")]
    [InlineData("five per cent of it", "5% of it")]
    [InlineData("two dollars and seven cents", "$2.07")]
    [InlineData("seven cents", "¢7")]
    [InlineData("two and a half million", "2500000")]
    [InlineData("twenty first", "21st")]
    [InlineData("nineteen sixties", "1960s")]
    [InlineData("two hundreds", "200s")]
    [InlineData("double five", "55")]
    [InlineData("won't you", "will not you")]
    [InlineData("point taken", "point taken")]
    [InlineData("ten point five", "10.5")]
    [InlineData("1,234", "1234")]
    [InlineData("three thousand two hundred", "3200")]
    [InlineData("one point two million", "1200000")]
    [InlineData("half", "half")]
    [InlineData("colour", "color")]
    public void EnglishIsNormalized(string text, string want) =>
        Assert.Equal(want, new WhisperEnglishNormalizer(new Dictionary<string, string> { ["colour"] = "color" }).Normalize(text).Trim());

    [Fact]
    public void HostileTextTakesLittleTime()
    {
        var english = new WhisperEnglishNormalizer(new Dictionary<string, string>());
        english.Normalize(new string('<', 200_000));
        english.Normalize(new string('(', 200_000));
        english.Normalize(new string(' ', 200_000));
        english.Normalize(new string('9', 200_000));
        english.Normalize(string.Concat(Enumerable.Repeat("point ", 50_000)));
        english.Normalize("\ud800 \udc00'");
    }

    [Theory]
    [InlineData("en", "en")]
    [InlineData("English", "en")]
    [InlineData("castilian", "es")]
    [InlineData("Haitian Creole", "ht")]
    [InlineData("YUE", "yue")]
    public void LanguagesHaveCodes(string language, string code) => Assert.Equal(code, WhisperLanguages.CodeOf(language));

    [Fact]
    public void AnUnknownLanguageIsRefusedWithAList()
    {
        Assert.Equal(100, WhisperLanguages.Codes.Count);
        string message = Assert.Throws<NotSupportedException>(() => WhisperLanguages.CodeOf("klingon")).Message;
        Assert.Contains("klingon", message, StringComparison.Ordinal);
        Assert.Contains("german", message, StringComparison.Ordinal);
    }
}
