namespace Percept.Text;

/// <summary>
/// The pattern of cl100k, Llama 3 and Qwen 2: contractions in any case, a word with one other character before it, up to
/// some numbers, other characters with line breaks behind them, white space.
/// </summary>
/// <param name="maxNumbers">How many numbers stay together.</param>
/// <param name="wholeEnd">Whether white space at the end of the text stays together, as in tiktoken's own pattern.</param>
internal sealed class WordScanner(int maxNumbers, bool wholeEnd) : ScannerPattern
{
    private const byte Any = CharClasses.Letter | CharClasses.Number | CharClasses.White;

    internal override int Next(ReadOnlySpan<char> text, int start)
    {
        byte flags = CharClasses.At(text, start, out int units);
        int next = start + units;
        if ((flags & CharClasses.Letter) != 0)
        {
            return CharClasses.Run(text, next, CharClasses.Letter);
        }

        if ((flags & CharClasses.Number) != 0)
        {
            return maxNumbers == 1 ? next : NumbersEnd(text, next, maxNumbers - 1);
        }

        if (text[start] == '\'' && ContractionEnd(text, start) is > 0 and int contraction)
        {
            return contraction;
        }

        byte following = next < text.Length ? CharClasses.At(text, next, out int nextUnits) : CharClasses.White;
        if ((flags & CharClasses.Line) == 0 && (following & CharClasses.Letter) != 0)
        {
            return CharClasses.Run(text, next, CharClasses.Letter);
        }

        if ((flags & CharClasses.White) == 0 || (text[start] == ' ' && (following & Any) == 0))
        {
            return CharClasses.Run(text, CharClasses.RunWithout(text, next, Any), CharClasses.Line);
        }

        if (wholeEnd)
        {
            int end = CharClasses.Run(text, start, CharClasses.White);
            if (end == text.Length)
            {
                return end;
            }
        }

        return WhiteEnd(text, start);
    }
}
