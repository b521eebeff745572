namespace Percept.Text;

/// <summary>The parts of a tokenizer.</summary>
/// <param name="Model">What cuts pieces into tokens.</param>
public sealed record TokenizerParts(TokenModel Model)
{
    /// <summary>What changes the text first; null: nothing.</summary>
    public Normalizer? Normalizer { get; init; }

    /// <summary>What cuts the text into pieces; null: a text is one piece.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>What puts tokens around the texts; null: nothing.</summary>
    public PostProcessor? PostProcessor { get; init; }

    /// <summary>What turns tokens back into text; null: they are joined by spaces.</summary>
    public TokenDecoder? Decoder { get; init; }

    /// <summary>The tokens that are searched in the text before the model sees it.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>
    /// Whether added tokens are written as plain text where all others are in the byte alphabet, as in GGUF files; in
    /// <c>tokenizer.json</c> the decoder takes all alike.
    /// </summary>
    internal bool AddedTokensArePlain { get; init; }

    /// <summary>The file's own truncation; used by <see cref="EncodeOptions"/> only when asked for.</summary>
    public TruncationOptions? Truncation { get; init; }

    /// <summary>The file's own padding; used by <see cref="EncodeOptions"/> only when asked for.</summary>
    public PaddingOptions? Padding { get; init; }
}
