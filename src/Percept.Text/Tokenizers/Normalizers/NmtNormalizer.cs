namespace Percept.Text;

/// <summary>The clean-up of SentencePiece's <c>nmt</c> rules (<c>Nmt</c>).</summary>
public sealed class NmtNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        Filters.Remove(text, IsControl);
        Span<char> chars = text.Mutable;
        for (int i = 0; i < chars.Length; i++)
        {
            if (IsSpace(chars[i]))
            {
                chars[i] = ' ';
            }
        }
    }

    private static bool IsControl(int codePoint) => codePoint is (>= 0x1 and <= 0x8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F
        or 0x8F or 0x9F;

    private static bool IsSpace(char unit) => unit is '\t' or '\n' or '\f' or '\r' or '\u1680'
        or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';
}
