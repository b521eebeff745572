using System.Collections.Frozen;

namespace Percept.Text;

/// <summary>How a byte-level BPE of a GGUF file cuts text before merging.</summary>
/// <param name="Patterns">Regular expressions, one after the other; what none matches is a piece of its own.</param>
/// <param name="IgnoreMerges">Whether a piece that is a token is taken whole.</param>
/// <param name="AddBos">Whether the start token is added where the file does not say.</param>
internal sealed record GgufPreTokenizer(IReadOnlyList<string> Patterns, bool IgnoreMerges = false, bool AddBos = false);

/// <summary>The pre-tokenizers by the names of <c>tokenizer.ggml.pre</c>, as llama.cpp knows them.</summary>
internal static class GgufPreTokenizers
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Cjk = "[一-龥ࠀ-一가-퟿]+";
    private const string Gpt2 = KnownPatterns.Gpt2;

    private const string LatinLetters =
        @"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼι" +
        @"ῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ" +
        @"𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+";

    private static readonly GgufPreTokenizer s_gpt2 = new([Gpt2]);
    private static readonly GgufPreTokenizer s_digits = new([@"\p{N}", Gpt2]);
    private static readonly GgufPreTokenizer s_qwen2 = new([Words(@"\p{N}")]);
    private static readonly GgufPreTokenizer s_llama3 = new([Words(@"\p{N}{1,3}")]);
    private static readonly GgufPreTokenizer s_llama3Whole = new([Words(@"\p{N}{1,3}")], IgnoreMerges: true, AddBos: true);
    private static readonly GgufPreTokenizer s_bloom = new([@" ?[^(\s|.,!?…。，、।۔،)]+"]);

    private static readonly FrozenDictionary<string, GgufPreTokenizer> s_all = new Dictionary<string, GgufPreTokenizer>
    {
        ["default"] = new([@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"]),
        ["gpt-2"] = s_gpt2,
        ["phi-2"] = s_gpt2,
        ["jina-es"] = s_gpt2,
        ["jina-de"] = s_gpt2,
        ["jina-v1-en"] = s_gpt2,
        ["jina-v2-es"] = s_gpt2,
        ["jina-v2-de"] = s_gpt2,
        ["jina-v2-code"] = s_gpt2,
        ["roberta-bpe"] = s_gpt2,
        ["gigachat"] = s_gpt2,
        ["modern-bert"] = s_gpt2,
        ["mpt"] = s_gpt2,
        ["olmo"] = s_gpt2,
        ["jais"] = s_gpt2,
        ["trillion"] = s_gpt2,
        ["starcoder"] = s_digits,
        ["refact"] = s_digits,
        ["command-r"] = s_digits,
        ["smollm"] = s_digits,
        ["codeshell"] = s_digits,
        ["exaone"] = s_digits,
        ["minerva-7b"] = s_digits,
        ["llama-bpe"] = s_llama3Whole,
        ["llama3"] = s_llama3Whole,
        ["llama-v3"] = s_llama3Whole,
        ["falcon3"] = s_llama3Whole,
        ["pixtral"] = s_llama3Whole,
        ["dbrx"] = s_llama3,
        ["smaug-bpe"] = s_llama3,
        ["chatglm-bpe"] = s_llama3,
        ["glm4"] = s_llama3,
        ["qwen2"] = s_qwen2,
        ["deepseek-r1-qwen"] = s_qwen2,
        ["stablelm2"] = s_qwen2,
        ["hunyuan"] = s_qwen2,
        ["megrez"] = s_qwen2,
        ["falcon"] = new([@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"]),
        ["deepseek-llm"] = new([@"[\r\n]", LatinLetters, @"\s?[!-/:-~！-／：-～‘-‟　-。]+", @"\s+$", Cjk, @"\p{N}+"]),
        ["deepseek-coder"] = new([@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", Cjk, @"\p{N}"]),
        ["deepseek-v3"] = new(
        [
            @"\p{N}{1,3}",
            "[一-龥぀-ゟ゠-ヿ]+",
            @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
                + @"| ?[\p{P}\p{S}]+[\r\n]*|" + Spaces,
        ]),
        ["gpt-4o"] = new([Cased(Contractions + "?", @"\p{N}{1,3}")]),
        ["tekken"] = new([Cased("", @"\p{N}")], IgnoreMerges: true, AddBos: true),
        ["poro-chat"] = s_bloom,
        ["bloom"] = s_bloom,
        ["gpt3-finnish"] = s_bloom,
        ["viking"] = new([@" ?[^(\s|.,!?…。，、।۔،)]+", @"\p{N}"]),
        ["chameleon"] = new(
        [
            "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}",
            @"[\p{P}!-/:-@\[-`{-~]", Gpt2,
        ]),
        ["seed-coder"] = new(
            [Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + Spaces], IgnoreMerges: true),
        ["bailingmoe"] = new(
        [
            @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        ]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The pre-tokenizer of a name; that of llama.cpp for files that name none.</summary>
    /// <exception cref="NotSupportedException">The name is not known; the message lists those that are.</exception>
    internal static GgufPreTokenizer Find(string? name) =>
        s_all.TryGetValue(name ?? "default", out GgufPreTokenizer? found)
            ? found
            : throw new NotSupportedException(
                $"The pre-tokenizer '{name}' (tokenizer.ggml.pre) is not supported. Supported are "
                + $"{string.Join(", ", s_all.Keys.Order(StringComparer.Ordinal))}. Take the model's tokenizer.json instead.");

    /// <summary>The first name of a way to cut; null when there is none. The usual names come first.</summary>
    internal static string? NameOf(IReadOnlyList<string> patterns, bool ignoreMerges) =>
        new[] { "gpt-2", "qwen2", "llama-bpe", "starcoder" }.Concat(s_all.Keys.Order(StringComparer.Ordinal)).FirstOrDefault(
            name => s_all[name].IgnoreMerges == ignoreMerges && s_all[name].Patterns.SequenceEqual(patterns));

    private static string Words(string digits) =>
        Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces;

    private static string Cased(string ending, string digits) =>
        @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + ending
        + @"|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower + "*" + ending
        + "|" + digits + @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;
}
