namespace Percept.Text;

/// <summary>Cuts text at the marks of white space, or into single characters.</summary>
internal static class WordCutter
{
    internal static void Cut(PieceTable table, ReadOnlySpan<byte> text, ref Cuts output)
    {
        ReadOnlySpan<byte> mark = SentencePieceNormalizer.SpaceMark;
        for (int start = 0; start < text.Length;)
        {
            int next = text[Math.Min(start + 1, text.Length)..].IndexOf(mark);
            int end = next < 0 ? text.Length : start + 1 + next;
            output.Add(new Cut(start, end - start, table.Id(text[start..end])));
            start = end;
        }
    }

    internal static void CutCharacters(PieceTable table, ReadOnlySpan<byte> text, ref Cuts output)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = 0;
            if (table.UserDefined is null || table.UserDefined.Longest(text[start..], out length) < 0)
            {
                length = Math.Min(Utf8.SequenceLength(text[start]), text.Length - start);
            }

            output.Add(new Cut(start, length, table.Id(text.Slice(start, length))));
            start += length;
        }
    }
}
