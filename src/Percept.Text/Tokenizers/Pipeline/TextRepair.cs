namespace Percept.Text;

/// <summary>Makes text valid UTF-16.</summary>
internal static class TextRepair
{
    internal const char Replacement = '\uFFFD';

    /// <summary>The index of the first surrogate that has no partner; −1 when there is none.</summary>
    internal static int FirstLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (int at = 0; (at = UnitSearch.NextSurrogate(text, at)) < text.Length; at += 2)
        {
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The text with every lone surrogate replaced by U+FFFD; the same text when there is none.</summary>
    internal static ReadOnlySpan<char> Repair(ReadOnlySpan<char> text)
    {
        int at = FirstLoneSurrogate(text);
        if (at < 0)
        {
            return text;
        }

        char[] repaired = text.ToArray();
        while (at >= 0)
        {
            repaired[at] = Replacement;
            int next = FirstLoneSurrogate(repaired.AsSpan(at + 1));
            at = next < 0 ? -1 : at + 1 + next;
        }

        return repaired;
    }
}
