using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>Turns offsets in UTF-16 units into offsets in code points.</summary>
internal static class CodePointOffsets
{
    internal static void Convert(ReadOnlySpan<char> text, List<TokenOffset> offsets)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return;
        }

        var places = new int[text.Length + 1];
        int codePoint = 0;
        for (int i = 0; i < text.Length; i++)
        {
            places[i] = codePoint;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                places[++i] = codePoint;
            }

            codePoint++;
        }

        places[^1] = codePoint;
        foreach (ref TokenOffset offset in CollectionsMarshal.AsSpan(offsets))
        {
            offset = new TokenOffset(places[offset.Start], places[offset.End]);
        }
    }
}
