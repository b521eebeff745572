namespace Percept.Text;

/// <summary>The patterns that published tokenizers use most, recognised by their text.</summary>
internal static class KnownPatterns
{
    internal const string Gpt2 =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    private const string WordsBefore = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|";

    private const string WordsBehind = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";

    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    internal const string Tiktoken =
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+" +
        @"|\s++$|\s*[\r\n]|\s+(?!\S)|\s";

    internal const string CasedWords =
        @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + Contractions + "?" +
        @"|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower + "*" + Contractions + "?" +
        @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of words and of digits in groups: Qwen, Llama 3.</summary>
    internal static string Words(int digits) =>
        WordsBefore + (digits == 1 ? @"\p{N}" : FormattableString.Invariant($@"\p{{N}}{{1,{digits}}}")) + WordsBehind;

    /// <summary>The scanner of a pattern; null when the pattern is not known.</summary>
    internal static TextPattern? Find(string pattern, RegexSyntax syntax) => pattern switch
    {
        Gpt2 => new Gpt2Scanner(),
        WordsBefore + @"\p{N}" + WordsBehind => new WordScanner(1, wholeEnd: false),
        WordsBefore + @"\p{N}{1,2}" + WordsBehind => new WordScanner(2, wholeEnd: false),
        WordsBefore + @"\p{N}{1,3}" + WordsBehind => new WordScanner(3, wholeEnd: false),
        WordsBefore + @"\p{N}+" + WordsBehind => new WordScanner(int.MaxValue, wholeEnd: false),
        Tiktoken when syntax == RegexSyntax.Rust => new WordScanner(3, wholeEnd: true),
        CasedWords => new CasedWordScanner(),
        _ => null,
    };
}
