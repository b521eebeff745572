using System.Runtime.CompilerServices;

namespace Percept.Text;

/// <summary>A scanner whose matches follow each other without gaps.</summary>
internal abstract class ScannerPattern : TextPattern
{
    internal sealed override bool CoversAll => true;

    /// <summary>The end of the match that begins at an index below the text's length.</summary>
    internal abstract int Next(ReadOnlySpan<char> text, int start);

    internal sealed override bool TryFind(
        ReadOnlySpan<char> text, int from, ref long steps, out int start, out int end)
    {
        start = from;
        end = from < text.Length ? Next(text, from) : from;
        return from < text.Length;
    }

    /// <summary>
    /// The end of a run of white space that begins at an index: without its last unit when something follows it,
    /// <c>\s+(?!\S)|\s+</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int SpacesEnd(ReadOnlySpan<char> text, int start, int runEnd) =>
        runEnd < text.Length && runEnd - start > 1 ? runEnd - 1 : runEnd;

    /// <summary>
    /// White space at an index, line breaks first: <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.
    /// </summary>
    protected static int WhiteEnd(ReadOnlySpan<char> text, int start)
    {
        int end = CharClasses.Run(text, start, CharClasses.White);
        for (int at = end - 1; at >= start; at--)
        {
            if (text[at] is '\r' or '\n')
            {
                return at + 1;
            }
        }

        return SpacesEnd(text, start, end);
    }

    /// <summary>The end of a contraction in any case that begins with the apostrophe at an index; 0 for none.</summary>
    protected static int ContractionEnd(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length)
        {
            return 0;
        }

        int first = text[start + 1] | 0x20;
        // U+017F, the long s, is an s without case.
        if (first is 's' or 't' or 'm' or 'd' || text[start + 1] == '\u017F')
        {
            return text[start + 1] < 0x80 || text[start + 1] == '\u017F' ? start + 2 : 0;
        }

        if (start + 2 >= text.Length || text[start + 1] >= 0x80 || text[start + 2] >= 0x80)
        {
            return 0;
        }

        int second = text[start + 2] | 0x20;
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? start + 3 : 0;
    }

    /// <summary>The end of at most a number of numbers.</summary>
    protected static int NumbersEnd(ReadOnlySpan<char> text, int start, int most)
    {
        for (int count = 0; count < most && start < text.Length; count++)
        {
            if ((CharClasses.At(text, start, out int units) & CharClasses.Number) == 0)
            {
                break;
            }

            start += units;
        }

        return start;
    }
}
