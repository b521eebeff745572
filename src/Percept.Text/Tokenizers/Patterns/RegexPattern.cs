namespace Percept.Text;

/// <summary>A regular expression over code points. Immutable.</summary>
/// <remarks>
/// A backtracking matcher with the order of alternatives of Oniguruma and of Rust's engines. It counts its steps, so that
/// a pattern that blows up ends in an error.
/// </remarks>
internal sealed class RegexPattern : TextPattern
{
    private readonly string _pattern;
    private readonly RegexProgram _program;

    internal RegexPattern(string pattern, RegexSyntax syntax)
    {
        _pattern = pattern;
        _program = RegexProgram.Compile(RegexParser.Parse(pattern, syntax));
    }

    internal override bool TryFind(ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
    {
        using var machine = new RegexMachine(_program, text, steps);
        bool found = machine.TryFind(from, out start, out end);
        steps = machine.Steps;
        if (steps < 0)
        {
            string shown = _pattern.Length <= 200 ? _pattern : $"{_pattern[..200]}…";
            throw new TextLimitException(
                $"The pattern '{shown}' takes too long on a text of {text.Length} characters; split the text or change the " +
                "pattern.");
        }

        return found;
    }
}
