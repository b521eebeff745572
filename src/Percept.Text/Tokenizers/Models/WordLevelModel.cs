namespace Percept.Text;

/// <summary>Every piece is a token, or unknown. Immutable.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="unknownToken">The token for all other pieces.</param>
public sealed class WordLevelModel(Vocabulary vocabulary, string unknownToken = "<unk>") : TokenModel(vocabulary)
{
    internal override void Tokenize(ReadOnlySpan<char> piece, TokenSink sink, EncodeState state)
    {
        if (!Vocabulary.TryGetId(piece, out int id) && !Vocabulary.TryGetId(unknownToken, out id))
        {
            throw new InvalidDataException(
                $"'{piece}' is not in the vocabulary, nor is the unknown token '{unknownToken}'.");
        }

        sink.Add(id, 0, piece.Length);
    }
}
