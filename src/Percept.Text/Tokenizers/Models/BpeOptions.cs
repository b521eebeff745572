namespace Percept.Text;

/// <summary>The settings of a <see cref="BpeModel"/>.</summary>
public sealed record BpeOptions
{
    /// <summary>The settings used where none are given.</summary>
    public static BpeOptions Default { get; } = new();

    /// <summary>The token for unknown characters; null: they are dropped.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>What stands before every symbol of a word but the first.</summary>
    public string ContinuingSubwordPrefix { get; init; } = "";

    /// <summary>What stands behind the last symbol of a word.</summary>
    public string EndOfWordSuffix { get; init; } = "";

    /// <summary>Whether neighbouring unknown characters become one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether unknown characters become the tokens of their UTF-8 bytes, <c>&lt;0x00&gt;</c> to
    /// <c>&lt;0xFF&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is in the vocabulary is taken whole, without merging.</summary>
    public bool IgnoreMerges { get; init; }
}
