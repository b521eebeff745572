using System.Text;

namespace Percept.Text.Tests.Tokenizers;

/// <summary>Small tokenizers made in code.</summary>
internal static class SampleTokenizers
{
    internal const string Qwen =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Sample =
        "the quick brown fox jumps over the lazy dog and then the dog sleeps under the tree while the fox runs there again " +
        "hello world it's what they're doing in their house, isn't it? 12345 你好世界 ñandú élève aaaaaaaaaaaaaaaa    \n\n";

    /// <summary>Byte-level BPE with a few hundred merges of a sample.</summary>
    internal static Tokenizer ByteLevel(
        PreTokenizer? preTokenizer = null, Normalizer? normalizer = null, bool ignoreMerges = false,
        params AddedToken[] added)
    {
        (Vocabulary vocabulary, List<(string, string)> merges) = Train(Letters(Sample), 300);
        return new Tokenizer(new TokenizerParts(
            new BpeModel(vocabulary, merges, new BpeOptions { IgnoreMerges = ignoreMerges }))
        {
            PreTokenizer = preTokenizer ?? new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true),
            Normalizer = normalizer,
            Decoder = new ByteLevelDecoder(),
            AddedTokens = added,
        });
    }

    /// <summary>BPE over marks for spaces, with byte fallback.</summary>
    internal static Tokenizer Metaspace(PrependScheme scheme, params AddedToken[] added)
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => FormattableString.Invariant($"<0x{value:X2}>"))];
        (Vocabulary vocabulary, List<(string, string)> merges) =
            Train("▁" + Sample.Replace(' ', '▁'), 200, ["<unk>", .. bytes]);
        return new Tokenizer(new TokenizerParts(new BpeModel(
            vocabulary, merges, new BpeOptions { ByteFallback = true, UnknownToken = "<unk>", FuseUnknown = true }))
        {
            PreTokenizer = new MetaspacePreTokenizer("▁", scheme, split: false),
            Decoder = new DecoderSequence(
                [new ReplaceDecoder("▁", false, " "), new ByteFallbackDecoder(), new FuseDecoder()]),
            AddedTokens = added,
        });
    }

    /// <summary>Random text of awkward parts.</summary>
    internal static string RandomText(Random random, int parts, bool loneSurrogates = false)
    {
        string[] pool =
        [
            "a", "the", " the", "Hello", "WORLD", "'s", "'RE", "'ll", "'ſ", "'", " ", "  ", "\t", "\n", "\r\n", " \n ", "\u00A0",
            "\u3000", "\u0085", "\u180E", "\u200B", "1", "12", "1234", "²", "٣", "Ⅷ", "你", "好世界", "é", "e\u0301", "\u0301",
            "ß", "ǅ", "İ", "ΑΒγ", "!", "?!", "...", "/", "<|", "😀", "👨‍👩‍👧", "\U00010400", "\U0001D7D9", "𝒳", "_", "-", "한글", "\u1100\u1161",
            "aaaaaaaaaaaa", "\uFFFD", "\u2028", "ʰ", "\u0E33",
        ];
        var text = new StringBuilder();
        for (int i = 0; i < parts; i++)
        {
            text.Append(pool[random.Next(pool.Length)]);
            if (loneSurrogates && random.Next(20) == 0)
            {
                text.Append((char)random.Next(0xD800, 0xE000));
            }
        }

        return text.ToString();
    }

    private static string Letters(string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(ByteAlphabet.Letter));

    private static (Vocabulary, List<(string, string)>) Train(string text, int count, string[]? first = null)
    {
        var tokens = new List<string?>(first ?? []);
        tokens.AddRange(first is null
            ? Enumerable.Range(0, 256).Select(value => ByteAlphabet.Letter((byte)value).ToString())
            : text.Distinct().Select(unit => unit.ToString()));
        var merges = new List<(string, string)>();
        List<string> symbols = [.. text.Select(unit => unit.ToString())];
        for (int i = 0; i < count; i++)
        {
            (string Left, string Right)? found = symbols.Zip(symbols.Skip(1))
                .Where(pair => !pair.Second.StartsWith('Ġ') && !pair.Second.StartsWith('▁'))
                .GroupBy(pair => pair).OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.First + " " + group.Key.Second, StringComparer.Ordinal).FirstOrDefault()?.Key;
            if (found is not { } best)
            {
                break;
            }

            merges.Add(best);
            if (!tokens.Contains(best.Left + best.Right))
            {
                tokens.Add(best.Left + best.Right);
            }

            for (int k = 0; k + 1 < symbols.Count; k++)
            {
                if (symbols[k] == best.Left && symbols[k + 1] == best.Right)
                {
                    symbols[k] += best.Right;
                    symbols.RemoveAt(k + 1);
                }
            }
        }

        return (Vocabulary.FromList(tokens), merges);
    }
}
