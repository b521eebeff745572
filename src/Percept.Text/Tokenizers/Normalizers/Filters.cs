namespace Percept.Text;

/// <summary>Steps that several normalizers share.</summary>
internal static class Filters
{
    /// <summary>Takes code points away. What stands before them keeps its origin.</summary>
    internal static void Remove(NormalizedText text, Func<int, bool> remove)
    {
        ReadOnlySpan<char> source = text.Chars;
        text.Begin();
        int kept = 0;
        bool any = false;
        for (int i = 0; i < source.Length;)
        {
            int codePoint = CodePoints.At(source, i, out int units);
            if (remove(codePoint))
            {
                text.Keep(i - kept);
                text.Drop(units);
                kept = i + units;
                any = true;
            }

            i += units;
        }

        if (any)
        {
            text.Keep(source.Length - kept);
            text.Commit();
        }
    }

    /// <summary>Puts a text in front, with the origin of the first character.</summary>
    internal static void Prepend(NormalizedText text, ReadOnlySpan<char> prefix)
    {
        if (text.Length == 0)
        {
            return;
        }

        text.Begin();
        WritePrefix(text, prefix);
        text.Keep(text.Length - text.Position);
        text.Commit();
    }

    /// <summary>Writes a prefix and the character behind it, which becomes an inserted one.</summary>
    internal static void WritePrefix(NormalizedText text, ReadOnlySpan<char> prefix)
    {
        int first = CodePoints.At(text.Chars, text.Position, out _);
        bool inserted = false;
        for (int i = 0; i < prefix.Length;)
        {
            int codePoint = CodePoints.At(prefix, i, out int units);
            text.Write(codePoint, inserted ? 1 : 0);
            inserted = true;
            i += units;
        }

        text.Write(first, inserted ? 1 : 0);
    }
}
