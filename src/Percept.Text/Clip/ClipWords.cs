namespace Percept.Text;

/// <summary>Finds the words of a cleaned text as CLIP cuts them.</summary>
/// <remarks>
/// In this order: a special token, an English ending with its apostrophe, letters, one number, other characters that
/// are no white space. White space is passed over.
/// </remarks>
internal static class ClipWords
{
    private static readonly string[] s_endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>Goes to the next word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="specials">The special tokens.</param>
    /// <param name="at">Where to search; then where the word begins, or the end.</param>
    /// <returns>The word's length; 0 at the end.</returns>
    internal static int Next(ReadOnlySpan<char> text, ReadOnlySpan<string> specials, ref int at)
    {
        while (at < text.Length && (CharClasses.At(text, at, out _) & CharClasses.White) != 0)
        {
            at++;
        }

        if (at == text.Length)
        {
            return 0;
        }

        ReadOnlySpan<char> rest = text[at..];
        foreach (string special in specials)
        {
            if (rest.StartsWith(special, StringComparison.Ordinal))
            {
                return special.Length;
            }
        }

        foreach (string ending in s_endings)
        {
            if (StartsWith(rest, ending))
            {
                return ending.Length;
            }
        }

        byte first = CharClasses.At(rest, 0, out int units);
        if ((first & CharClasses.Letter) != 0)
        {
            return CharClasses.Run(rest, 0, CharClasses.Letter);
        }

        return (first & CharClasses.Number) != 0
            ? units
            : CharClasses.RunWithout(rest, 0, CharClasses.Letter | CharClasses.Number | CharClasses.White);
    }

    // The text is in lower case, but the long s folds to an s.
    private static bool StartsWith(ReadOnlySpan<char> text, string ending)
    {
        for (int i = 0; i < ending.Length; i++)
        {
            if (i >= text.Length || (text[i] != ending[i] && !(text[i] == 'ſ' && ending[i] == 's')))
            {
                return false;
            }
        }

        return true;
    }
}
