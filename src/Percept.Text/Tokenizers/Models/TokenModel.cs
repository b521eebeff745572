namespace Percept.Text;

/// <summary>What cuts a piece of text into tokens of its vocabulary: one of a closed set. Immutable.</summary>
public abstract class TokenModel
{
    private protected TokenModel(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
    }

    /// <summary>The tokens and their ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Cuts a piece.</summary>
    internal abstract void Tokenize(ReadOnlySpan<char> piece, TokenSink sink, EncodeState state);
}
