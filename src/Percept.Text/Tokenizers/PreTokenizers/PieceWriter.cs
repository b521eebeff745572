namespace Percept.Text;

/// <summary>Rewrites the text of pieces in place.</summary>
internal static class PieceWriter
{
    /// <summary>Puts a prefix before every piece of text that does not begin with it and fulfils a condition.</summary>
    internal static void PrefixAll(PieceList pieces, string prefix, Func<NormalizedText, Piece, bool> condition)
    {
        NormalizedText text = pieces.Text;
        Rewrite(pieces, (piece, _) =>
        {
            if (!text.Chars[piece.Start..].StartsWith(prefix, StringComparison.Ordinal) && condition(text, piece))
            {
                Filters.WritePrefix(text, prefix);
            }

            text.Keep(piece.Start + piece.Length - text.Position);
        });
    }

    /// <summary>Runs one step over the text; a writer reads each piece of text up to its end and writes what it becomes.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="write">Called for each piece that is text, with the units written before it.</param>
    internal static void Rewrite(PieceList pieces, Action<Piece, int> write)
    {
        NormalizedText text = pieces.Text;
        text.Begin();
        pieces.BeginPass();
        foreach (Piece piece in pieces.Span)
        {
            text.Drop(piece.Start - text.Position);
            int start = text.Written;
            if (piece.Token >= 0)
            {
                text.Keep(piece.Length);
            }
            else
            {
                write(piece, start);
            }

            pieces.Emit(start, text.Written - start, piece.Token);
        }

        text.Commit();
        pieces.EndPass();
    }
}
