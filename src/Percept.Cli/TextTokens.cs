using Percept.Text;

namespace Percept.Cli;

/// <summary>Whatever cuts texts into tokens, behind one face: a <see cref="Tokenizer"/> or a plain SentencePiece model.</summary>
internal sealed class TextTokens
{
    private readonly Tokenizer? _tokenizer;
    private readonly SentencePieceTokenizer? _pieces;

    internal TextTokens(Tokenizer tokenizer) => _tokenizer = tokenizer;

    internal TextTokens(SentencePieceModel model) => _pieces = new SentencePieceTokenizer(model);

    internal int VocabularySize => _tokenizer?.VocabularySize ?? _pieces!.VocabularySize;

    internal bool IsSpecial(int id) => _tokenizer?.IsSpecial(id) ?? _pieces!.Model.Pieces[id].Type == SentencePieceType.Control;

    /// <summary>The ids alone: much faster than everything.</summary>
    internal IReadOnlyList<int> EncodeIds(string text, EncodeOptions options) =>
        _tokenizer is { } tokenizer
            ? tokenizer.EncodeIds(text, options.AddSpecialTokens, options.AllowSpecial)
            : _pieces!.EncodeIds(text);

    internal TokenEncoding Encode(string text, EncodeOptions options)
    {
        if (_tokenizer is { } tokenizer)
        {
            return tokenizer.Encode(text, null, options);
        }

        // The library itself puts nothing around a text and finds no control piece in it.
        IReadOnlyList<SentencePieceSpan> spans = _pieces!.Encode(text);
        int[] zeros = new int[spans.Count];
        int[] ones = new int[spans.Count];
        Array.Fill(ones, 1);
        return new TokenEncoding
        {
            Ids = [.. spans.Select(span => span.Id)],
            Tokens = [.. spans.Select(span => _pieces.Piece(span.Id))],
            Offsets = [.. spans.Select(span => new TokenOffset(span.Start, span.End))],
            TypeIds = zeros,
            SpecialTokensMask = zeros,
            AttentionMask = ones,
            SequenceIds = zeros,
        };
    }
}
