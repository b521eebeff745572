namespace Percept.Text;

/// <summary>
/// The pattern of o200k: words end where the case changes from lower to upper, contractions belong to the word, up to
/// three numbers, other characters with line breaks and slashes behind them, white space.
/// </summary>
internal sealed class CasedWordScanner : ScannerPattern
{
    private const byte Any = CharClasses.Letter | CharClasses.Number | CharClasses.White;

    internal override int Next(ReadOnlySpan<char> text, int start)
    {
        byte flags = CharClasses.At(text, start, out int units);
        bool mayLead = (flags & (CharClasses.Letter | CharClasses.Number | CharClasses.Line)) == 0;
        int word = mayLead ? LowerWordEnd(text, start + units) : -1;
        word = word < 0 ? LowerWordEnd(text, start) : word;
        word = word < 0 && mayLead ? UpperWordEnd(text, start + units) : word;
        word = word < 0 ? UpperWordEnd(text, start) : word;
        if (word >= 0)
        {
            return word < text.Length && text[word] == '\'' && ContractionEnd(text, word) is > 0 and int end ? end : word;
        }

        if ((flags & CharClasses.Number) != 0)
        {
            return NumbersEnd(text, start, 3);
        }

        int next = start + units;
        if ((flags & CharClasses.White) == 0
            || (text[start] == ' ' && next < text.Length && (CharClasses.At(text, next, out _) & Any) == 0))
        {
            next = CharClasses.RunWithout(text, next, Any);
            while (next < text.Length && text[next] is '\r' or '\n' or '/')
            {
                next++;
            }

            return next;
        }

        return WhiteEnd(text, start);
    }

    // [upper]*[lower]+, where letters without case are both; -1 for no match.
    private static int LowerWordEnd(ReadOnlySpan<char> text, int start)
    {
        int both = -1;
        int at = start;
        while (at < text.Length)
        {
            byte flags = CharClasses.At(text, at, out int units);
            if ((flags & CharClasses.NotLower) == 0)
            {
                if ((flags & CharClasses.NotUpper) != 0)
                {
                    return CharClasses.Run(text, at, CharClasses.NotUpper);
                }

                break;
            }

            at += units;
            both = (flags & CharClasses.NotUpper) != 0 ? at : both;
        }

        return both;
    }

    // [upper]+[lower]*; -1 for no match.
    private static int UpperWordEnd(ReadOnlySpan<char> text, int start)
    {
        int end = CharClasses.Run(text, start, CharClasses.NotLower);
        return end == start ? -1 : CharClasses.Run(text, end, CharClasses.NotUpper);
    }
}
