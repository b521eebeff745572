namespace Percept.Text;

/// <summary>A step that cuts a text into pieces that no token crosses: one of a closed set. Immutable.</summary>
public abstract class PreTokenizer
{
    private protected PreTokenizer()
    {
    }

    /// <summary>Whether it must know where pieces lie in the original text.</summary>
    internal virtual bool NeedsAlignment => false;

    /// <summary>Cuts a text alone.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <returns>The pieces, changed where the step changes them, and where each lies in the text, in UTF-16 units.</returns>
    public IReadOnlyList<(string Piece, TokenOffset Offset)> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var buffer = new NormalizedText();
        buffer.Budget.Reset(text.Length);
        buffer.Reset(TextRepair.Repair(text), 0, aligned: true);
        var pieces = new PieceList();
        pieces.Reset(buffer);
        if (buffer.Length > 0)
        {
            pieces.Add(new Piece(0, buffer.Length));
        }

        Apply(pieces);
        var result = new List<(string, TokenOffset)>(pieces.Count);
        foreach (Piece piece in pieces.Span)
        {
            result.Add((
                buffer.Chars.Slice(piece.Start, piece.Length).ToString(),
                new TokenOffset(buffer.StartOf(piece.Start), buffer.EndOf(piece.Start + piece.Length - 1))));
        }

        return result;
    }

    internal abstract void Apply(PieceList pieces);
}
