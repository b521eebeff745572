namespace Percept.Text;

/// <summary>Takes white space away at the ends (<c>Strip</c>).</summary>
/// <param name="left">Whether at the beginning.</param>
/// <param name="right">Whether at the end.</param>
public sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> source = text.Chars;
        int start = 0;
        int end = source.Length;
        while (left && start < end && char.IsWhiteSpace(source[start]))
        {
            start++;
        }

        while (right && end > start && char.IsWhiteSpace(source[end - 1]))
        {
            end--;
        }

        if (start > 0 || end < source.Length)
        {
            text.Begin();
            text.Drop(start);
            text.Keep(end - start);
            text.Commit();
        }
    }
}
