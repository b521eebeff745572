using System.Text;

namespace Percept.Data;

/// <summary>Cuts texts into words and rows of words, written the same whatever case, marks and spaces are.</summary>
internal static class TextShingles
{
    /// <summary>The words of a text in lower case: runs of letters and digits.</summary>
    internal static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (Rune rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                word.Append(Rune.ToLowerInvariant(rune));
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    /// <summary>Hashes of all rows of so many words; of a shorter text the hash of all its words.</summary>
    internal static IEnumerable<ulong> Hashes(IReadOnlyList<string> words, int length)
    {
        if (words.Count == 0)
        {
            yield break;
        }

        int size = Math.Min(length, words.Count);
        for (int i = 0; i + size <= words.Count; i++)
        {
            ulong hash = 14695981039346656037;
            for (int w = i; w < i + size; w++)
            {
                foreach (char letter in words[w])
                {
                    hash = (hash ^ letter) * 1099511628211;
                }

                hash = (hash ^ 0x1F) * 1099511628211;
            }

            yield return hash;
        }
    }
}
