namespace Percept.Text;

/// <summary>One entry of a SentencePiece vocabulary; its place in the list is its id.</summary>
/// <param name="Piece">The piece, with U+2581 for a space.</param>
/// <param name="Score">Unigram: its log probability. BPE: the higher, the earlier it is merged.</param>
/// <param name="Type">What it is.</param>
public readonly record struct SentencePieceEntry(string Piece, float Score, SentencePieceType Type);
