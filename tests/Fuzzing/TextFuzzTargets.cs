namespace Percept.TestSupport;

/// <summary>The parsers of tokenizers and chat templates.</summary>
public static class TextFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("tokenizer.json", TextTokenizerSeeds.Files, TextTokenizerSeeds.Parse, 64 << 20),
    ];
}
