namespace Percept.Text;

/// <summary>Splits as GPT-2 does and spells the pieces in the letters of their UTF-8 bytes (<c>ByteLevel</c>).</summary>
/// <param name="addPrefixSpace">Whether every text that does not begin with a space gets one.</param>
/// <param name="useRegex">Whether to split at all.</param>
public sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : PreTokenizer
{
    private static readonly TextPattern s_pattern = TextPattern.Regex(KnownPatterns.Gpt2);

    internal bool AddPrefixSpace { get; } = addPrefixSpace;

    internal bool UseRegex { get; } = useRegex;

    internal static TextPattern Pattern => s_pattern;

    internal override void Apply(PieceList pieces)
    {
        if (AddPrefixSpace)
        {
            PieceWriter.PrefixAll(pieces, " ", static (_, _) => true);
        }

        if (UseRegex)
        {
            Splitter.Split(pieces, s_pattern, SplitBehavior.Isolated);
        }

        NormalizedText text = pieces.Text;
        PieceWriter.Rewrite(pieces, (piece, _) => ByteAlphabet.Spell(text, piece.Start + piece.Length));
    }
}
