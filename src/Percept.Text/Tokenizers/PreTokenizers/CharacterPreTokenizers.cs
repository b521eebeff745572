namespace Percept.Text;

/// <summary>Splits off runs of numbers, or every number alone (<c>Digits</c>).</summary>
/// <param name="individual">Whether every number is a piece of its own.</param>
public sealed class DigitsPreTokenizer(bool individual) : PreTokenizer
{
    internal static TextPattern Pattern { get; } = new NumberPattern(alone: true);

    internal static TextPattern RunPattern { get; } = new NumberPattern(alone: false);

    internal bool Individual { get; } = individual;

    internal override void Apply(PieceList pieces) =>
        Splitter.Split(pieces, Pattern, Individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    /// <summary><c>\p{N}</c> or <c>\p{N}+</c>.</summary>
    private sealed class NumberPattern(bool alone) : TextPattern
    {
        internal override bool TryFind(
            ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
        {
            start = CharClasses.RunWithout(text, from, CharClasses.Number);
            end = start;
            if (start == text.Length)
            {
                return false;
            }

            CharClasses.At(text, start, out int units);
            end = alone ? start + units : CharClasses.Run(text, start, CharClasses.Number);
            return true;
        }
    }
}

/// <summary>Splits at punctuation (<c>Punctuation</c>).</summary>
/// <param name="behavior">What happens to it.</param>
public sealed class PunctuationPreTokenizer(SplitBehavior behavior) : PreTokenizer
{
    internal static TextPattern Pattern { get; } = new CodePointPattern(CodePoints.IsPunctuation);

    internal override void Apply(PieceList pieces) => Splitter.Split(pieces, Pattern, behavior);
}

/// <summary>Splits at white space, which goes (<c>WhitespaceSplit</c>).</summary>
public sealed class WhitespaceSplitPreTokenizer : PreTokenizer
{
    internal static TextPattern Pattern { get; } = new CodePointPattern(CodePoints.IsWhite);

    internal override void Apply(PieceList pieces) => Splitter.Split(pieces, Pattern, SplitBehavior.Removed);
}

/// <summary>Splits at white space, which goes, and around every punctuation character (<c>BertPreTokenizer</c>).</summary>
public sealed class BertPreTokenizer : PreTokenizer
{
    internal override void Apply(PieceList pieces)
    {
        Splitter.Split(pieces, WhitespaceSplitPreTokenizer.Pattern, SplitBehavior.Removed);
        Splitter.Split(pieces, PunctuationPreTokenizer.Pattern, SplitBehavior.Isolated);
    }
}

/// <summary>Keeps runs of word characters and runs of other characters, without white space (<c>Whitespace</c>).</summary>
public sealed class WhitespacePreTokenizer : PreTokenizer
{
    private static readonly TextPattern s_pattern = new WordRunPattern();

    internal override void Apply(PieceList pieces) =>
        Splitter.Split(pieces, s_pattern, SplitBehavior.Removed, invert: true);

    /// <summary><c>\w+|[^\w\s]+</c>.</summary>
    private sealed class WordRunPattern : TextPattern
    {
        internal override bool TryFind(
            ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
        {
            for (start = from; start < text.Length;)
            {
                int codePoint = CodePoints.At(text, start, out int units);
                end = start + units;
                if (CodePoints.IsWhite(codePoint))
                {
                    start = end;
                    continue;
                }

                bool word = IsWord(codePoint);
                while (end < text.Length)
                {
                    codePoint = CodePoints.At(text, end, out units);
                    if (CodePoints.IsWhite(codePoint) || IsWord(codePoint) != word)
                    {
                        break;
                    }

                    end += units;
                }

                return true;
            }

            end = start;
            return false;
        }

        private static bool IsWord(int codePoint) => codePoint is 0x200C or 0x200D || CodePoints.IsWord(codePoint);
    }
}

/// <summary>Splits at a character, which goes (<c>CharDelimiterSplit</c>).</summary>
/// <param name="delimiter">The character.</param>
public sealed class DelimiterPreTokenizer(string delimiter) : PreTokenizer
{
    private readonly TextPattern _pattern = TextPattern.Literal(delimiter);

    internal override void Apply(PieceList pieces) => Splitter.Split(pieces, _pattern, SplitBehavior.Removed);
}

/// <summary>Splits after every so many characters (<c>FixedLength</c>).</summary>
/// <param name="length">How many.</param>
public sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    internal override void Apply(PieceList pieces) =>
        Splitter.Split(pieces, new ChunkPattern(length), SplitBehavior.Isolated);

    private sealed class ChunkPattern(int length) : TextPattern
    {
        internal override bool TryFind(
            ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
        {
            start = from;
            end = from;
            for (int i = 0; i < length && end < text.Length; i++)
            {
                CodePoints.At(text, end, out int units);
                end += units;
            }

            return end > start;
        }
    }
}

/// <summary>Splits where the script changes (<c>UnicodeScripts</c>); Japanese and Chinese are one.</summary>
public sealed class UnicodeScriptsPreTokenizer : PreTokenizer
{
    private const int Any = -1;

    private static readonly TextPattern s_pattern = new ScriptRunPattern();

    internal override void Apply(PieceList pieces) =>
        Splitter.Split(pieces, s_pattern, SplitBehavior.Removed, invert: true);

    // Spaces and characters without a script belong to what stands around them.
    private static int ScriptOf(int codePoint)
    {
        if (codePoint == ' ')
        {
            return Any;
        }

        int script = Scripts.Of(codePoint);
        return script == Scripts.Unknown ? Any
            : codePoint == 0x30FC || script == Scripts.Hiragana || script == Scripts.Katakana ? Scripts.Han
            : script;
    }

    private sealed class ScriptRunPattern : TextPattern
    {
        internal override bool TryFind(
            ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
        {
            start = from;
            int last = Any;
            // What stands before the first character with a script is dropped, as in the reference.
            while (start < text.Length && ScriptOf(CodePoints.At(text, start, out int skipped)) == Any)
            {
                start += skipped;
            }

            end = start;
            while (end < text.Length)
            {
                int script = ScriptOf(CodePoints.At(text, end, out int units));
                if (script != Any && last != Any && script != last)
                {
                    break;
                }

                last = script != Any ? script : last;
                end += units;
            }

            return end > start;
        }
    }
}
