namespace Percept.Text;

/// <summary>What belongs to a published rank file and does not stand in it.</summary>
/// <param name="Name">The vocabulary's name.</param>
/// <param name="Count">The number of tokens of its rank file, by which it is known.</param>
/// <param name="Pattern">The pattern that cuts text.</param>
/// <param name="SpecialTokens">Its control tokens and their ids.</param>
public sealed record TiktokenVocabulary(
    string Name, int Count, string Pattern, IReadOnlyDictionary<string, int> SpecialTokens)
{
    private const int QwenCount = 151643;
    private const int Llama3Count = 128000;

    /// <summary>The published ones: one line each.</summary>
    public static IReadOnlyList<TiktokenVocabulary> Known { get; } =
    [
        new("gpt2", 50256, KnownPatterns.Gpt2, End(50256)),
        new("whisper (multilingual)", 50257, KnownPatterns.Gpt2, End(50257)),
        new("p50k_base", 50280, KnownPatterns.Gpt2, End(50256)),
        new("cl100k_base", 100256, KnownPatterns.Tiktoken, new Dictionary<string, int>
        {
            ["<|endoftext|>"] = 100257,
            ["<|fim_prefix|>"] = 100258,
            ["<|fim_middle|>"] = 100259,
            ["<|fim_suffix|>"] = 100260,
            ["<|endofprompt|>"] = 100276,
        }),
        new("o200k_base", 199998, KnownPatterns.CasedWords, new Dictionary<string, int>
        {
            ["<|endoftext|>"] = 199999, ["<|endofprompt|>"] = 200018,
        }),
        new("qwen", QwenCount, KnownPatterns.Words(1), new Dictionary<string, int>
        {
            ["<|endoftext|>"] = QwenCount, ["<|im_start|>"] = QwenCount + 1, ["<|im_end|>"] = QwenCount + 2,
        }),
        new("llama3", Llama3Count, KnownPatterns.Words(3), new Dictionary<string, int>
        {
            ["<|begin_of_text|>"] = Llama3Count,
            ["<|end_of_text|>"] = Llama3Count + 1,
            ["<|start_header_id|>"] = Llama3Count + 6,
            ["<|end_header_id|>"] = Llama3Count + 7,
            ["<|eot_id|>"] = Llama3Count + 9,
        }),
    ];

    /// <summary>The published vocabulary of a rank file; null when it is none of them.</summary>
    /// <param name="ranks">The rank file.</param>
    public static TiktokenVocabulary? Find(TiktokenRanks ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        return Known.FirstOrDefault(known => known.Count == ranks.Count);
    }

    private static Dictionary<string, int> End(int id) => new() { ["<|endoftext|>"] = id };
}
