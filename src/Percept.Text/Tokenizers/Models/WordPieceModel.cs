using System.Buffers;
using System.Text;

namespace Percept.Text;

/// <summary>Cuts words into the longest tokens from left to right, as BERT does. Immutable.</summary>
public sealed class WordPieceModel : TokenModel
{
    private readonly ByteTrie _first;
    private readonly ByteTrie _continuing;
    private readonly string _unknownToken;
    private readonly int _maxLength;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknownToken">The token for words that cannot be cut.</param>
    /// <param name="continuingPrefix">What stands before tokens that do not begin a word.</param>
    /// <param name="maxLength">The characters of the longest word that is cut at all.</param>
    public WordPieceModel(
        Vocabulary vocabulary, string unknownToken = "[UNK]", string continuingPrefix = "##", int maxLength = 100)
        : base(vocabulary)
    {
        ArgumentNullException.ThrowIfNull(unknownToken);
        ArgumentNullException.ThrowIfNull(continuingPrefix);
        _unknownToken = unknownToken;
        _maxLength = maxLength;
        _first = Build(vocabulary, "");
        _continuing = continuingPrefix.Length == 0 ? _first : Build(vocabulary, continuingPrefix);
    }

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenSink sink, EncodeState state)
    {
        int before = sink.Ids.Count;
        if (piece.Length <= _maxLength || CountCodePoints(piece) <= _maxLength)
        {
            byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(piece.Length));
            bool cut = TryCut(piece, bytes.AsSpan(0, Encoding.UTF8.GetBytes(piece, bytes)), sink);
            ArrayPool<byte>.Shared.Return(bytes);
            if (cut)
            {
                return;
            }
        }

        sink.Cut(before);
        if (!Vocabulary.TryGetId(_unknownToken, out int unknown))
        {
            throw new InvalidDataException(
                $"'{piece}' cannot be cut, and the unknown token '{_unknownToken}' is not in the vocabulary.");
        }

        sink.Add(unknown, 0, piece.Length);
    }

    private static ByteTrie Build(Vocabulary vocabulary, string prefix)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        var values = new List<int>();
        foreach ((string token, int id) in vocabulary.Ids)
        {
            if (token.Length > prefix.Length && token.StartsWith(prefix, StringComparison.Ordinal))
            {
                keys.Add(Encoding.UTF8.GetBytes(token[prefix.Length..]));
                values.Add(id);
            }
        }

        return ByteTrie.Build(keys.ToArray(), values.ToArray());
    }

    private static int CountCodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            CodePoints.At(text, i, out int units);
            i += units;
        }

        return count;
    }

    private bool TryCut(ReadOnlySpan<char> piece, ReadOnlySpan<byte> bytes, TokenSink sink)
    {
        var cursor = new UnitCursor(piece);
        for (int start = 0; start < bytes.Length;)
        {
            int id = (start == 0 ? _first : _continuing).Longest(bytes[start..], out int length);
            if (id < 0)
            {
                return false;
            }

            (int unit, int end) = sink.Detailed ? cursor.Units(start, start + length) : default;
            sink.Add(id, unit, end);
            start += length;
        }

        return true;
    }
}
