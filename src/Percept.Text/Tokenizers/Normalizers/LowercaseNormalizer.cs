namespace Percept.Text;

/// <summary>Lower case, code point by code point and without regard to language (<c>Lowercase</c>).</summary>
public sealed class LowercaseNormalizer : Normalizer
{
    private const int DottedCapitalI = 0x130;
    private const int DotAbove = 0x307;

    internal override void Apply(NormalizedText text) => Lower(text);

    internal static void Lower(NormalizedText text)
    {
        ReadOnlySpan<char> source = text.Chars;
        text.Begin();
        for (int i = 0; i < source.Length;)
        {
            int codePoint = CodePoints.At(source, i, out int units);
            if (codePoint == DottedCapitalI)
            {
                // The only code point whose lower case is two.
                text.Write('i', 0);
                text.Write(DotAbove, 1);
            }
            else
            {
                text.Write(CodePoints.ToLower(codePoint), 0);
            }

            i += units;
        }

        text.Commit();
    }
}
