namespace Percept.Text;

/// <summary>
/// What a <c>tokenizer.json</c> leaves out when its vocabulary is kept in another file (GGUF, rank file, <c>.model</c>).
/// </summary>
public sealed record VocabularyData
{
    /// <summary>The tokens by id; null entries are ids without a token.</summary>
    public required IReadOnlyList<string?> Tokens { get; init; }

    /// <summary>The merges of a BPE model, first to last; null for other models.</summary>
    public IReadOnlyList<(string Left, string Right)>? Merges { get; init; }

    /// <summary>The score of each token of a Unigram model; null for other models.</summary>
    public IReadOnlyList<double>? Scores { get; init; }

    /// <summary>The normalization rules for every <c>Precompiled</c> normalizer whose own are empty.</summary>
    public ReadOnlyMemory<byte> Charsmap { get; init; }
}
