namespace Percept.Text;

/// <summary>When a <see cref="MetaspacePreTokenizer"/> puts its mark in front.</summary>
public enum PrependScheme
{
    /// <summary>In front of every part of the text between added tokens.</summary>
    Always,

    /// <summary>In front of the text.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}

/// <summary>Writes a mark for every space, may put one in front, and may split before marks (<c>Metaspace</c>).</summary>
public sealed class MetaspacePreTokenizer : PreTokenizer
{
    private readonly string _mark;
    private readonly TextPattern _markPattern;
    private readonly TextPattern _space = TextPattern.Literal(" ");
    private readonly PrependScheme _scheme;
    private readonly bool _split;

    /// <summary>Makes the step.</summary>
    /// <param name="mark">The mark, one character.</param>
    /// <param name="scheme">When it is put in front.</param>
    /// <param name="split">Whether to split before marks.</param>
    public MetaspacePreTokenizer(string mark, PrependScheme scheme, bool split)
    {
        ArgumentException.ThrowIfNullOrEmpty(mark);
        _mark = mark;
        _markPattern = TextPattern.Literal(mark);
        _scheme = scheme;
        _split = split;
    }

    internal override bool NeedsAlignment => _scheme == PrependScheme.First;

    internal override void Apply(PieceList pieces)
    {
        NormalizedText text = pieces.Text;
        PieceWriter.Rewrite(pieces, (piece, _) => Write(text, piece));
        if (_split)
        {
            Splitter.Split(pieces, _markPattern, SplitBehavior.MergedWithNext);
        }
    }

    private void Write(NormalizedText text, Piece piece)
    {
        ReadOnlySpan<char> chars = text.Chars.Slice(piece.Start, piece.Length);
        bool prefix = !chars.StartsWith(_mark, StringComparison.Ordinal) && chars[0] != ' ' && _scheme switch
        {
            PrependScheme.Always => true,
            PrependScheme.First => text.StartOf(piece.Start) == 0,
            _ => false,
        };
        if (prefix)
        {
            Filters.WritePrefix(text, _mark);
        }

        int mark = CodePoints.At(_mark, 0, out _);
        while (text.Position < piece.Start + piece.Length)
        {
            ReadOnlySpan<char> rest = text.Chars[text.Position..(piece.Start + piece.Length)];
            int space = rest.IndexOf(' ');
            text.Keep(space < 0 ? rest.Length : space);
            if (space >= 0)
            {
                text.Write(mark, 0);
            }
        }
    }
}
