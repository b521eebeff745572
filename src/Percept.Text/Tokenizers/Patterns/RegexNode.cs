namespace Percept.Text;

/// <summary>A part of a parsed pattern.</summary>
internal abstract record RegexNode;

/// <summary>One code point of a set.</summary>
internal sealed record RegexSet(CodePointSet Set) : RegexNode;

/// <summary>Parts one after the other.</summary>
internal sealed record RegexSequence(List<RegexNode> Parts) : RegexNode;

/// <summary>Parts of which the first that leads to a match counts.</summary>
internal sealed record RegexChoice(List<RegexNode> Parts) : RegexNode;

/// <summary>A part several times; <c>Max</c> is −1 without a limit.</summary>
internal sealed record RegexRepeat(RegexNode Part, int Min, int Max, bool Lazy) : RegexNode;

/// <summary>A part whose first match stands: it is not tried in another way later.</summary>
internal sealed record RegexAtomic(RegexNode Part) : RegexNode;

/// <summary>A part that must, or must not, match here without being taken.</summary>
internal sealed record RegexLook(RegexNode Part, bool Behind, bool Negated) : RegexNode;

/// <summary>A condition on the place alone.</summary>
internal sealed record RegexAnchor(RegexAnchorKind Kind) : RegexNode;

/// <summary>The conditions on a place.</summary>
internal enum RegexAnchorKind
{
    /// <summary>The start of the text or of a line.</summary>
    LineStart,

    /// <summary>The end of the text or of a line.</summary>
    LineEnd,

    /// <summary>The start of the text.</summary>
    TextStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text or before a line break that ends it.</summary>
    LastLineEnd,

    /// <summary>Between a word character and something else.</summary>
    WordEdge,

    /// <summary>Not between a word character and something else.</summary>
    NoWordEdge,
}
