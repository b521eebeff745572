using System.Globalization;

namespace Percept.Text;

/// <summary>The normalization of BERT (<c>BertNormalizer</c>).</summary>
/// <param name="cleanText">Whether control characters go and white space becomes spaces.</param>
/// <param name="handleChinese">Whether Chinese characters get spaces around them.</param>
/// <param name="stripAccents">Whether accents go; null: as <paramref name="lowercase"/>.</param>
/// <param name="lowercase">Whether the text becomes lower case.</param>
public sealed class BertNormalizer(bool cleanText, bool handleChinese, bool? stripAccents, bool lowercase) : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        if (cleanText)
        {
            Filters.Remove(text, IsControl);
            Span<char> chars = text.Mutable;
            for (int i = 0; i < chars.Length; i++)
            {
                if (char.IsWhiteSpace(chars[i]))
                {
                    chars[i] = ' ';
                }
            }
        }

        if (handleChinese)
        {
            SpaceChinese(text);
        }

        if (stripAccents ?? lowercase)
        {
            UnicodeComposer.Normalize(text, UnicodeForm.Nfd);
            Filters.Remove(text, static c => CodePoints.Category(c) == UnicodeCategory.NonSpacingMark);
        }

        if (lowercase)
        {
            LowercaseNormalizer.Lower(text);
        }
    }

    private static bool IsControl(int codePoint) => codePoint is 0 or 0xFFFD
        || (codePoint is not ('\t' or '\n' or '\r') && CodePoints.Category(codePoint)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);

    private static bool IsChinese(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static void SpaceChinese(NormalizedText text)
    {
        ReadOnlySpan<char> source = text.Chars;
        text.Begin();
        for (int i = 0; i < source.Length;)
        {
            int codePoint = CodePoints.At(source, i, out int units);
            if (IsChinese(codePoint))
            {
                text.Write(' ', 0);
                text.Write(codePoint, 1);
                text.Write(' ', 1);
            }
            else
            {
                text.Keep(units);
            }

            i += units;
        }

        text.Commit();
    }
}
