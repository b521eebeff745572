namespace Percept.Text;

/// <summary>How a byte-level vocabulary is made.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The most tokens: control tokens, 256 letters for bytes, and one a merge.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>How often a pair must be seen to become a token, at least 1.</summary>
    public long LeastCount { get; init; } = 2;

    /// <summary>
    /// Control tokens in the order of their ids, from 0 on. Where a corpus spells one, it is cut out and not learned from.
    /// </summary>
    public IReadOnlyList<string> ControlTokens { get; init; } = [];

    /// <summary>Whether each digit is a word of its own, so that numbers have one spelling; else runs of digits are words.</summary>
    public bool SplitDigits { get; init; }
}
