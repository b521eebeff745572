namespace Percept.Text;

/// <summary>How a text is encoded.</summary>
public sealed record EncodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>Whether the post-processor adds its tokens (beginning, end, separators). Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>
    /// Whether control tokens that are written in the text become these tokens, as they do in the reference. Off, text that
    /// comes from a user stays text; turn it on for rendered chat templates and the like. Default: false.
    /// </summary>
    public bool AllowSpecial { get; init; }

    /// <summary>How to cut long texts; null: not at all.</summary>
    public TruncationOptions? Truncation { get; init; }

    /// <summary>How to fill short texts up; null: not at all.</summary>
    public PaddingOptions? Padding { get; init; }

    /// <summary>What the offsets count. Default: code points.</summary>
    public OffsetUnit OffsetUnit { get; init; }
}
