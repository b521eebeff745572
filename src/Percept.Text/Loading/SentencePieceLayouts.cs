namespace Percept.Text;

/// <summary>How classes of transformers number the pieces of a SentencePiece model.</summary>
public enum SentencePieceLayout
{
    /// <summary>As in the model.</summary>
    AsIs,

    /// <summary><c>&lt;pad&gt;</c>, <c>&lt;/s&gt;</c>, <c>&lt;unk&gt;</c>, the model's pieces from the fourth on, then
    /// <c>&lt;extra_id_99&gt;</c> down to <c>&lt;extra_id_0&gt;</c> (T5).</summary>
    T5,

    /// <summary><c>&lt;s&gt;</c>, <c>&lt;pad&gt;</c>, <c>&lt;/s&gt;</c>, <c>&lt;unk&gt;</c>, the model's pieces from
    /// the fourth on, then <c>&lt;mask&gt;</c> (XLM-RoBERTa).</summary>
    Fairseq,
}

/// <summary>Makes vocabularies of SentencePiece models.</summary>
public static class SentencePieceLayouts
{
    private const int ReservedPieces = 3;

    /// <summary>The tokens, scores and rules of a model, numbered as a class numbers them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The numbering.</param>
    /// <param name="extraIds">How many extra tokens T5 has.</param>
    /// <remarks>A BPE model gets the merges that its scores stand for.</remarks>
    /// <exception cref="InvalidDataException">The model has fewer pieces than the layout takes as given.</exception>
    public static VocabularyData Make(SentencePieceModel model, SentencePieceLayout layout, int extraIds = 100)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(extraIds);
        int skipped = layout == SentencePieceLayout.AsIs ? 0 : ReservedPieces;
        if (model.Pieces.Count < skipped)
        {
            throw new InvalidDataException(
                $"The SentencePiece model has {model.Pieces.Count} pieces, expected more than {skipped} for this tokenizer.");
        }

        string[] before = layout switch
        {
            SentencePieceLayout.T5 => ["<pad>", "</s>", "<unk>"],
            SentencePieceLayout.Fairseq => ["<s>", "<pad>", "</s>", "<unk>"],
            _ => [],
        };
        string[] behind = layout switch
        {
            SentencePieceLayout.T5 => [.. Enumerable.Range(0, extraIds).Select(i => ExtraId(extraIds - 1 - i))],
            SentencePieceLayout.Fairseq => ["<mask>"],
            _ => [],
        };
        string[] tokens = [.. before, .. model.Pieces.Skip(skipped).Select(piece => piece.Piece), .. behind];
        float[] scores =
        [
            .. before.Select(_ => 0f), .. model.Pieces.Skip(skipped).Select(piece => piece.Score), .. behind.Select(_ => 0f),
        ];
        bool bpe = model.Kind == SentencePieceKind.Bpe;
        return new VocabularyData
        {
            Tokens = tokens,
            Merges = bpe ? SentencePieceMerges.Make(tokens, scores) : null,
            Scores = bpe ? null : [.. scores.Select(score => (double)score)],
            Charsmap = model.Rules,
        };
    }

    private static string ExtraId(int number) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<extra_id_{number}>");
}
