namespace Percept.Text;

/// <summary>Splits pieces at the matches of a pattern.</summary>
internal static class Splitter
{
    /// <summary>Splits every piece that is still text.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="pattern">Where to split.</param>
    /// <param name="behavior">What happens to the matches.</param>
    /// <param name="invert">Whether what lies between the matches counts as a match, and the matches do not.</param>
    internal static void Split(PieceList pieces, TextPattern pattern, SplitBehavior behavior, bool invert = false)
    {
        pieces.BeginPass();
        foreach (Piece piece in pieces.Span)
        {
            if (piece.Token >= 0)
            {
                pieces.Emit(piece.Start, piece.Length, piece.Token);
            }
            else
            {
                Split(pieces, piece, pattern, behavior, invert);
            }
        }

        pieces.EndPass();
    }

    /// <summary>Splits one piece into the new list.</summary>
    internal static void Split(PieceList pieces, Piece piece, TextPattern pattern, SplitBehavior behavior, bool invert)
    {
        var walker = new MatchWalker(
            pattern, pieces.Text.Chars.Slice(piece.Start, piece.Length), ref pieces.Budget.Left);
        List<(int End, bool Match)> parts = pieces.Matches;
        parts.Clear();
        int at = 0;
        while (walker.Next())
        {
            if (walker.Start > at)
            {
                parts.Add((walker.Start, invert));
            }

            parts.Add((walker.End, !invert));
            at = walker.End;
        }

        if (at < piece.Length)
        {
            parts.Add((piece.Length, invert));
        }

        switch (behavior)
        {
            case SplitBehavior.Removed or SplitBehavior.Isolated:
                EmitEach(pieces, piece.Start, parts, keepMatches: behavior == SplitBehavior.Isolated);
                break;
            case SplitBehavior.MergedWithNext:
                EmitWithNext(pieces, piece.Start, parts);
                break;
            default:
                EmitJoined(pieces, piece.Start, parts, contiguous: behavior == SplitBehavior.Contiguous);
                break;
        }
    }

    private static void EmitEach(PieceList pieces, int origin, List<(int End, bool Match)> parts, bool keepMatches)
    {
        int start = 0;
        foreach ((int end, bool match) in parts)
        {
            if (keepMatches || !match)
            {
                pieces.Emit(origin + start, end - start);
            }

            start = end;
        }
    }

    // Contiguous: parts of one kind are joined. Else: a match that does not follow one goes to the piece before it.
    private static void EmitJoined(PieceList pieces, int origin, List<(int End, bool Match)> parts, bool contiguous)
    {
        bool previous = false;
        int start = 0;
        int last = 0;
        bool open = false;
        foreach ((int end, bool match) in parts)
        {
            bool join = contiguous ? match == previous : match && !previous;
            if (open && !join)
            {
                pieces.Emit(origin + start, last - start);
                start = last;
            }

            open = true;
            last = end;
            previous = match;
        }

        pieces.Emit(origin + start, last - start);
    }

    // From the back: a match that is not followed by one goes to the piece behind it.
    private static void EmitWithNext(PieceList pieces, int origin, List<(int End, bool Match)> parts)
    {
        int start = 0;
        int at = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            bool last = i + 1 == parts.Count;
            bool joinsNext = !last && parts[i].Match && !parts[i + 1].Match;
            at = parts[i].End;
            if (!joinsNext)
            {
                pieces.Emit(origin + start, at - start);
                start = at;
            }
        }
    }
}
