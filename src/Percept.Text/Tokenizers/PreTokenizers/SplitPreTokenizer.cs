namespace Percept.Text;

/// <summary>Splits at the matches of a pattern (<c>Split</c>).</summary>
public sealed class SplitPreTokenizer : PreTokenizer
{
    /// <summary>Makes the step.</summary>
    /// <param name="pattern">Where to split.</param>
    /// <param name="isRegex">Whether it is a regular expression.</param>
    /// <param name="behavior">What happens to the matches.</param>
    /// <param name="invert">Whether what lies between the matches counts as a match, and the matches do not.</param>
    public SplitPreTokenizer(string pattern, bool isRegex, SplitBehavior behavior, bool invert = false)
        : this(isRegex ? TextPattern.Regex(pattern) : TextPattern.Literal(pattern), behavior, invert)
    {
    }

    internal SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert)
    {
        Pattern = pattern;
        Behavior = behavior;
        Invert = invert;
    }

    internal TextPattern Pattern { get; }

    internal SplitBehavior Behavior { get; }

    internal bool Invert { get; }

    internal override void Apply(PieceList pieces) => Splitter.Split(pieces, Pattern, Behavior, Invert);
}
