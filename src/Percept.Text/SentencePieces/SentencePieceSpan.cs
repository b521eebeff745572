namespace Percept.Text;

/// <summary>A piece found in a text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">The first code point of the original text that it covers.</param>
/// <param name="End">The code point after the last one.</param>
/// <remarks>
/// As SentencePiece counts: of the byte pieces of a character only the last covers it, and white space that
/// normalization drops belongs to a neighbour.
/// </remarks>
public readonly record struct SentencePieceSpan(int Id, int Start, int End);
