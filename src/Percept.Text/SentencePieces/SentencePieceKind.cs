namespace Percept.Text;

/// <summary>How a SentencePiece model cuts text; numbers as in the model's file.</summary>
public enum SentencePieceKind
{
    /// <summary>The cut of the highest probability.</summary>
    Unigram = 1,

    /// <summary>Neighbours merged, the best pair first.</summary>
    Bpe = 2,

    /// <summary>At white space.</summary>
    Word = 3,

    /// <summary>Character by character.</summary>
    Char = 4,
}
