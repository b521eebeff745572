namespace Percept.Text;

/// <summary>A part of the normalized text: still to be cut into tokens, or one token already.</summary>
/// <param name="Start">Its first UTF-16 unit in the normalized text.</param>
/// <param name="Length">Its UTF-16 units.</param>
/// <param name="Token">The id of the token that it is; −1 when it is text.</param>
internal readonly record struct Piece(int Start, int Length, int Token = -1);
