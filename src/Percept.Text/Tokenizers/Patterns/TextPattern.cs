namespace Percept.Text;

/// <summary>Something that is searched in a text. Immutable.</summary>
internal abstract class TextPattern
{
    /// <summary>Whether matches follow each other without gaps and never are empty.</summary>
    internal virtual bool CoversAll => false;

    /// <summary>Finds the first match at or behind a place.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">The place.</param>
    /// <param name="steps">The steps that are left; taken from.</param>
    /// <param name="start">Where the match begins.</param>
    /// <param name="end">The unit behind its last.</param>
    internal abstract bool TryFind(
        ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end);

    /// <summary>The steps that the search through a text may take: enough for every pattern that is linear in it.</summary>
    internal static long StepsFor(int length) => 2_000_000 + (500L * length);

    /// <summary>A pattern of a <c>tokenizer.json</c>: known ones have a scanner of their own.</summary>
    /// <exception cref="InvalidDataException">The pattern is broken.</exception>
    /// <exception cref="NotSupportedException">The pattern uses something that is not supported.</exception>
    internal static TextPattern Regex(string pattern, RegexSyntax syntax = RegexSyntax.Oniguruma) =>
        KnownPatterns.Find(pattern, syntax) ?? new RegexPattern(pattern, syntax);

    /// <summary>A text that is searched as it is.</summary>
    internal static TextPattern Literal(string text) => new LiteralPattern(text);
}

/// <summary>A text that is searched as it is; an empty one is never found.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    internal override bool TryFind(
        ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
    {
        int at = literal.Length == 0 || from > text.Length ? -1 : text[from..].IndexOf(literal, StringComparison.Ordinal);
        start = from + at;
        end = start + literal.Length;
        return at >= 0;
    }
}

/// <summary>A single code point of a kind.</summary>
internal sealed class CodePointPattern(Func<int, bool> matches) : TextPattern
{
    internal override bool TryFind(
        ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
    {
        for (start = from; start < text.Length;)
        {
            int codePoint = CodePoints.At(text, start, out int units);
            end = start + units;
            if (matches(codePoint))
            {
                return true;
            }

            start = end;
        }

        end = start;
        return false;
    }
}

/// <summary>Walks over the matches of a pattern: an empty match directly behind the last one does not count.</summary>
internal ref struct MatchWalker
{
    private readonly TextPattern _pattern;
    private readonly ReadOnlySpan<char> _text;
    private readonly ref long _steps;
    private int _from;
    private int _lastEnd = -1;

    /// <summary>Starts at the front.</summary>
    /// <param name="pattern">What is searched.</param>
    /// <param name="text">Where.</param>
    /// <param name="steps">The steps that are left for the whole text that this one is a part of; taken from.</param>
    internal MatchWalker(TextPattern pattern, ReadOnlySpan<char> text, ref long steps)
    {
        _pattern = pattern;
        _text = text;
        _steps = ref steps;
    }

    internal int Start { get; private set; }

    internal int End { get; private set; }

    internal bool Next()
    {
        while (_from <= _text.Length && _pattern.TryFind(_text, _from, ref _steps, out int start, out int end))
        {
            if (start == end && end == _lastEnd)
            {
                if (_from >= _text.Length)
                {
                    return false;
                }

                CodePoints.At(_text, _from, out int units);
                _from += units;
                continue;
            }

            Start = start;
            End = end;
            _from = end;
            _lastEnd = end;
            return true;
        }

        return false;
    }
}
