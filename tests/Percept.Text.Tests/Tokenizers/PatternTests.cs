using Xunit;

namespace Percept.Text.Tests.Tokenizers;

public class PatternTests
{
    private const string Cl100k =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Tiktoken =
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s";

    private const string O200k =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData(KnownPatterns.Gpt2, RegexSyntax.Oniguruma)]
    [InlineData(SampleTokenizers.Qwen, RegexSyntax.Oniguruma)]
    [InlineData(Cl100k, RegexSyntax.Oniguruma)]
    [InlineData(Tiktoken, RegexSyntax.Rust)]
    [InlineData(O200k, RegexSyntax.Oniguruma)]
    public void ScannersOfKnownPatternsCutAsTheRegexDoes(string pattern, RegexSyntax syntax)
    {
        TextPattern scanner = TextPattern.Regex(pattern, syntax);
        Assert.IsAssignableFrom<ScannerPattern>(scanner);
        var regex = new RegexPattern(pattern, syntax);
        var random = new Random(7);
        for (int i = 0; i < 3000; i++)
        {
            string text = SampleTokenizers.RandomText(random, random.Next(1, 14));
            Assert.Equal(Cuts(regex, text), Cuts(scanner, text));
        }
    }

    [Fact]
    public void QuantifiersOnQuantifiersAndRepeatedNothingAreBounded()
    {
        Assert.Throws<TextLimitException>(() => new RegexPattern("a" + new string('*', 1000), RegexSyntax.Oniguruma));
        Assert.Equal(["a"], Cuts(new RegexPattern("(?:){1000}{1000}{1000}{1000}a", RegexSyntax.Oniguruma), "a"));
    }

    [Theory]
    [InlineData(@"\s+$", "a  \nb ", "1-3 5-6")]
    [InlineData(@"^b", "a\nb", "2-3")]
    [InlineData(@"a{2,3}", "aaaaa", "0-3 3-5")]
    [InlineData(@"a{,2}b", "aaab", "1-4")]
    [InlineData(@"a{x}", "a{x}", "0-4")]
    [InlineData(@"(?:ab|a)(?:c|bcd)", "abcd", "0-3")]
    [InlineData(@"(?>ab|a)bc", "abc abbc", "4-8")]
    [InlineData(@"a++b|a", "aac", "0-1 1-2")]
    [InlineData(@"a*?b", "aab", "0-3")]
    [InlineData(@"(?<=\p{Lu})x", "xAx", "2-3")]
    [InlineData(@"(?<!ab|c)x", "abx cx dx", "8-9")]
    [InlineData(@"(?<=a|ab)c", "abc ac bc", "2-3 5-6")]
    [InlineData(@"(?<=ab|a)c", "abc ac bc", "2-3 5-6")]
    [InlineData(@"(?<!a|ab)c", "abc ac bc", "8-9")]
    [InlineData(@"(?<=a?b{0,2}?)c", "abbc", "3-4")]
    [InlineData(@"(?<=^a{1,3})b", "aab", "2-3")]
    [InlineData(@"x(?=y)", "xyx", "0-1")]
    [InlineData(@"[a-c&&[^b]]+", "abcca", "0-1 2-5")]
    [InlineData(@"[^(\s|[.,!])]+", "ab (c|d). e!", "0-2 4-5 6-7 10-11")]
    [InlineData(@"[[:digit:]]+", "a12", "1-3")]
    [InlineData(@"\p{Han}+", "ab你好c", "2-4")]
    [InlineData(@"\p{^L}", "a1", "1-2")]
    [InlineData(@"(?i)straSSe", "xSTRAſſE", "1-8")]
    [InlineData(@"\x{1F600}|\u4f60", "你😀", "0-1 1-3")]
    [InlineData(@"[\x{1F600}-\x{1F64F}]", "a😀b", "1-3")]
    [InlineData(@".", "\n😀", "1-3")]
    [InlineData(@"(?m).", "\n", "0-1")]
    [InlineData(@"(?x) a b # c", "ab", "0-2")]
    [InlineData(@"\bfoo\b", "foo food foo", "0-3 9-12")]
    [InlineData(@"(a|b)*c", "ababc", "0-5")]
    [InlineData(@"(?:a?)*b", "aab", "0-3")]
    [InlineData(@"x*", "axxb", "0-0 1-3 4-4")]
    [InlineData(@"[\]\-]", "a-]", "1-2 2-3")]
    [InlineData(@"[a\-z]", "-m", "0-1")]
    [InlineData(@"\w+", "é_9 \u24B6-", "0-3 4-5")]
    public void PatternsMatchAsInOniguruma(string pattern, string text, string want) =>
        Assert.Equal(want, Matches(new RegexPattern(pattern, RegexSyntax.Oniguruma), text));

    [Theory]
    [InlineData(@"\s+$", "a  \nb ", "5-6")]
    [InlineData(@"a{1,2}+a", "aaa", "0-3")]
    [InlineData(@"a{1,2}+a", "aa", "")]
    public void PatternsMatchAsInRust(string pattern, string text, string want) =>
        Assert.Equal(want, Matches(new RegexPattern(pattern, RegexSyntax.Rust), text));

    [Theory]
    [InlineData("(a", typeof(InvalidDataException))]
    [InlineData("a)", typeof(InvalidDataException))]
    [InlineData("[a", typeof(InvalidDataException))]
    [InlineData("*a", typeof(InvalidDataException))]
    [InlineData("a{3,2}", typeof(InvalidDataException))]
    [InlineData("[b-a]", typeof(InvalidDataException))]
    [InlineData(@"a\", typeof(InvalidDataException))]
    [InlineData(@"(a)\1", typeof(NotSupportedException))]
    [InlineData(@"\p{Nonsense}", typeof(NotSupportedException))]
    [InlineData(@"(?<=a+)b", typeof(NotSupportedException))]
    [InlineData("a{5000}", typeof(TextLimitException))]
    [InlineData("(((a{200}){200}){200})", typeof(TextLimitException))]
    public void BrokenPatternsAreRefused(string pattern, Type error) =>
        Assert.Throws(error, () => new RegexPattern(pattern, RegexSyntax.Oniguruma));

    [Theory]
    [InlineData("(a|a)*b")]
    [InlineData("(a*)*b")]
    [InlineData(@"(?:\p{L}+)+!")]
    public void PatternsThatBlowUpEndInAnError(string pattern)
    {
        var regex = new RegexPattern(pattern, RegexSyntax.Oniguruma);
        TextLimitException error = Assert.Throws<TextLimitException>(() => Matches(regex, new string('a', 5000)));
        Assert.Contains(pattern, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheStepsAreForTheWholeTextHoweverItIsCut()
    {
        // Each word alone takes half a million steps, which is allowed; ten thousand of them are not.
        Tokenizer tokenizer = SampleTokenizers.ByteLevel(new PreTokenizerSequence(
        [
            new SplitPreTokenizer(@"\s", true, SplitBehavior.Isolated),
            new SplitPreTokenizer("(a|a)*b", true, SplitBehavior.Isolated),
            new ByteLevelPreTokenizer(false, false),
        ]));
        string word = new('a', 16);
        Assert.NotEmpty(tokenizer.EncodeIds(word));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        string text = string.Join(' ', Enumerable.Repeat(word, 10_000));
        Assert.Throws<TextLimitException>(() => tokenizer.EncodeIds(text));
        Assert.Throws<TextLimitException>(() => tokenizer.Encode(text));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void DeepGroupsAreRefused() => Assert.Throws<TextLimitException>(
        () => new RegexPattern(new string('(', 500) + new string(')', 500), RegexSyntax.Oniguruma));

    private static string Matches(TextPattern pattern, string text)
    {
        var found = new List<string>();
        long steps = TextPattern.StepsFor(text.Length);
        var walker = new MatchWalker(pattern, text, ref steps);
        while (walker.Next())
        {
            found.Add($"{walker.Start}-{walker.End}");
        }

        return string.Join(' ', found);
    }

    private static List<string> Cuts(TextPattern pattern, string text)
    {
        var pieces = new List<string>();
        int at = 0;
        long steps = TextPattern.StepsFor(text.Length);
        var walker = new MatchWalker(pattern, text, ref steps);
        while (walker.Next())
        {
            if (walker.Start > at)
            {
                pieces.Add(text[at..walker.Start]);
            }

            pieces.Add(text[walker.Start..walker.End]);
            at = walker.End;
        }

        return at < text.Length ? [.. pieces, text[at..]] : pieces;
    }
}
