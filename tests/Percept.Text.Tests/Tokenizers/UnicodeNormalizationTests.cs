using System.Globalization;
using System.Text;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

/// <summary>Normalization against the runtime's own, where that has data.</summary>
public class UnicodeNormalizationTests
{
    private static readonly (UnicodeNormalizer Own, NormalizationForm Form)[] s_forms =
    [
        (UnicodeNormalizer.Nfc, NormalizationForm.FormC), (UnicodeNormalizer.Nfd, NormalizationForm.FormD),
        (UnicodeNormalizer.Nfkc, NormalizationForm.FormKC), (UnicodeNormalizer.Nfkd, NormalizationForm.FormKD),
    ];

    private static bool HasData => "e\u0301".Normalize(NormalizationForm.FormC) == "é";

    [Fact]
    public void EveryCodePointIsNormalizedAsByTheRuntime()
    {
        Assert.SkipUnless(HasData, "The runtime has no normalization data.");
        foreach ((UnicodeNormalizer own, NormalizationForm form) in s_forms)
        {
            var wrong = new List<string>();
            for (int codePoint = 1; codePoint <= 0x2FFFF; codePoint++)
            {
                // Modifier letters of Unicode 15 are younger than the data here.
                if (codePoint is (>= 0xD800 and <= 0xDFFF) or (>= 0x1E030 and <= 0x1E06D)
                    || CharUnicodeInfo.GetUnicodeCategory(codePoint) == UnicodeCategory.OtherNotAssigned)
                {
                    continue;
                }

                string text = char.ConvertFromUtf32(codePoint);
                string want = text.Normalize(form);
                if (own.Normalize(text) != want && want.EnumerateRunes().All(IsOld))
                {
                    wrong.Add($"{form} U+{codePoint:X}");
                }
            }

            Assert.True(wrong.Count == 0, string.Join(' ', wrong.Take(20)));
        }
    }

    [Fact]
    public void SequencesAreNormalizedAsByTheRuntime()
    {
        Assert.SkipUnless(HasData, "The runtime has no normalization data.");
        int[] pool =
        [
            'a', 'e', 'o', 0x41, 0x300, 0x301, 0x302, 0x307, 0x323, 0x327, 0x328, 0x345, 0x3B1, 0x3C9, 0x313, 0x342, 0x1100, 0x1161,
            0x11A8, 0x11A7, 0xAC00, 0xAC01, 0x1E0A, 0x1E69, 0x212B, 0x2126, 0x958, 0x93C, 0x915, 0xFB1D, 0x5B4, 0x1D15E, 0x1D165,
            0x1D158, 0x30AB, 0x3099, 0xFF76, 0xFF9E, 0xFDFA, 0x1F80, 0xF71, 0xF72, 0x1134D, 0x11347, 0x1133E, 0x110, 0xBF, 0xA0,
        ];
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (int k = random.Next(1, 9); k > 0; k--)
            {
                text.Append(char.ConvertFromUtf32(pool[random.Next(pool.Length)]));
            }

            foreach ((UnicodeNormalizer own, NormalizationForm form) in s_forms)
            {
                string want = text.ToString().Normalize(form);
                string got = own.Normalize(text.ToString());
                Assert.True(want == got, $"{form}: {Codes(text.ToString())} is {Codes(got)}, expected {Codes(want)}");
                Assert.Equal(got, own.Normalize(text.ToString(), out TokenOffset[] origins));
                Assert.All(origins, origin => Assert.InRange(origin.End, origin.Start, text.Length));
            }
        }
    }

    [Fact]
    public void ManyMarksInARowStayCheap()
    {
        string text = "a" + string.Concat(Enumerable.Repeat("\u0301\u0323", 50_000));
        string got = UnicodeNormalizer.Nfc.Normalize(text);
        Assert.Equal('\u1EA1', got[0]);
        Assert.Equal(text.Length - 1, got.Length);
    }

    private static bool IsOld(Rune rune) => rune.Value < 0x323B0;

    private static string Codes(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X4}"));
}
