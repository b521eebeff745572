namespace Percept.Text.Templates;

/// <summary>Python's <c>textwrap.wrap</c>, with white space kept inside lines and dropped around them.</summary>
/// <param name="Width">The longest line, in code points.</param>
/// <param name="BreakLongWords">Whether words longer than a line are cut.</param>
/// <param name="BreakOnHyphens">Whether lines may end after the hyphen of a compound.</param>
internal sealed record WordWrapper(int Width, bool BreakLongWords, bool BreakOnHyphens)
{
    /// <summary>The lines of a text.</summary>
    internal IEnumerable<string> Wrap(string text)
    {
        var chunks = new Stack<string>(Chunks(text).Reverse());
        bool isFirst = true;
        while (chunks.Count > 0)
        {
            if (!isFirst && IsBlank(chunks.Peek()))
            {
                _ = chunks.Pop();
                if (chunks.Count == 0)
                {
                    yield break;
                }
            }

            List<string> line = Fill(chunks);
            if (line.Count > 0 && IsBlank(line[^1]))
            {
                line.RemoveAt(line.Count - 1);
            }

            if (line.Count > 0)
            {
                isFirst = false;
                yield return string.Concat(line);
            }
        }
    }

    private static bool IsBlank(string chunk) => TextUnits.Trim(chunk).IsEmpty;

    private List<string> Fill(Stack<string> chunks)
    {
        var line = new List<string>();
        int used = 0;
        while (chunks.Count > 0 && used + TextUnits.Count(chunks.Peek()) <= Width)
        {
            used += TextUnits.Count(chunks.Peek());
            line.Add(chunks.Pop());
        }

        if (chunks.Count > 0 && TextUnits.Count(chunks.Peek()) > Width)
        {
            int room = Math.Max(1, Width - used);
            if (BreakLongWords)
            {
                string chunk = chunks.Pop();
                int cut = Cut(chunk, room);
                line.Add(chunk[..cut]);
                chunks.Push(chunk[cut..]);
            }
            else if (line.Count == 0)
            {
                line.Add(chunks.Pop());
            }
        }

        return line;
    }

    /// <summary>Where a long word is cut: after a hyphen that still fits, else where the line ends.</summary>
    private int Cut(string chunk, int room)
    {
        int cut = TextUnits.UnitOf(chunk, room);
        if (BreakOnHyphens)
        {
            int hyphen = chunk.LastIndexOf('-', cut - 1);
            if (hyphen > 0 && chunk.AsSpan(0, hyphen).IndexOfAnyExcept('-') >= 0)
            {
                return hyphen + 1;
            }
        }

        return cut;
    }

    /// <summary>Runs of white space, and words, which may be parts of a compound.</summary>
    private IEnumerable<string> Chunks(string text)
    {
        int start = 0;
        for (int i = 1; i <= text.Length; i++)
        {
            bool ends = i == text.Length || TextUnits.IsSpace(text[i]) != TextUnits.IsSpace(text[i - 1])
                || (BreakOnHyphens && IsCompound(text, i));
            if (ends)
            {
                yield return text[start..i];
                start = i;
            }
        }
    }

    /// <summary>
    /// Whether a word may be parted here: two letters before the hyphen, two or more characters of a word after it.
    /// </summary>
    private static bool IsCompound(string text, int at) =>
        at >= 3 && at + 1 < text.Length && text[at - 1] == '-' && char.IsLetter(text[at - 2])
        && (char.IsLetter(text[at - 3]) || text[at - 3] == '-') && char.IsLetter(text[at]) && (char.IsLetter(text[at + 1]) || text[at + 1] == '-');
}
