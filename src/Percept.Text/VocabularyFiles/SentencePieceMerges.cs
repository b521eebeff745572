namespace Percept.Text;

/// <summary>Makes the merges of a BPE out of pieces and scores.</summary>
public static class SentencePieceMerges
{
    /// <summary>
    /// Every way to cut a piece into two pieces of the vocabulary is a merge; the highest score comes first.
    /// </summary>
    /// <param name="pieces">The pieces by id; null entries are ids without a piece.</param>
    /// <param name="scores">The score of each.</param>
    /// <remarks>
    /// Ways to cut one piece are in the order of the ids of their parts. Pieces of the same score keep their order. The
    /// result cuts text as SentencePiece does with these scores.
    /// </remarks>
    /// <exception cref="ArgumentException">There are not as many scores as pieces.</exception>
    public static IReadOnlyList<(string Left, string Right)> Make(
        IReadOnlyList<string?> pieces, IReadOnlyList<float> scores)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(scores);
        if (pieces.Count != scores.Count)
        {
            throw new ArgumentException($"There are {scores.Count} scores for {pieces.Count} pieces.", nameof(scores));
        }

        var ids = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
        {
            if (pieces[id] is { } piece)
            {
                ids[piece] = id;
            }
        }

        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var found = new List<(int Piece, int Left, int Right)>(pieces.Count);
        for (int id = 0; id < pieces.Count; id++)
        {
            ReadOnlySpan<char> piece = pieces[id];
            int first = found.Count;
            for (int cut = 1; cut < piece.Length; cut++)
            {
                if (lookup.TryGetValue(piece[..cut], out int left) && lookup.TryGetValue(piece[cut..], out int right))
                {
                    found.Add((id, left, right));
                }
            }

            found.Sort(first, found.Count - first, Comparer<(int Piece, int Left, int Right)>.Create(
                static (a, b) => a.Left != b.Left ? a.Left.CompareTo(b.Left) : a.Right.CompareTo(b.Right)));
        }

        return
        [
            .. found.OrderByDescending(merge => scores[merge.Piece])
                .Select(merge => (pieces[merge.Left]!, pieces[merge.Right]!)),
        ];
    }
}
