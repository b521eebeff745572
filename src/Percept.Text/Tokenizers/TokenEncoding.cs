namespace Percept.Text;

/// <summary>Where a token lies in the original text.</summary>
/// <param name="Start">Its first unit.</param>
/// <param name="End">The unit behind its last; equal to <paramref name="Start"/> for tokens that stand for no text.</param>
public readonly record struct TokenOffset(int Start, int End);

/// <summary>A text as tokens. All lists have the same length.</summary>
public sealed class TokenEncoding
{
    /// <summary>The ids.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>The tokens.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>Where the tokens lie in their text, in <see cref="EncodeOptions.OffsetUnit"/>s; 0, 0 for added ones.</summary>
    public required IReadOnlyList<TokenOffset> Offsets { get; init; }

    /// <summary>The segment of each token, as the post-processor numbers it.</summary>
    public required IReadOnlyList<int> TypeIds { get; init; }

    /// <summary>1 for tokens that the post-processor or the padding has added, else 0.</summary>
    public required IReadOnlyList<int> SpecialTokensMask { get; init; }

    /// <summary>0 for padding, else 1.</summary>
    public required IReadOnlyList<int> AttentionMask { get; init; }

    /// <summary>The text that each token comes from: 0, 1, or −1 for added tokens.</summary>
    public required IReadOnlyList<int> SequenceIds { get; init; }

    /// <summary>The further windows of a text that was cut.</summary>
    public IReadOnlyList<TokenEncoding> Overflowing { get; init; } = [];

    /// <summary>The number of tokens.</summary>
    public int Count => Ids.Count;
}
