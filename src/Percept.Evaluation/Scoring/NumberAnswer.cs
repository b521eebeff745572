using System.Globalization;
using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>Reads a number out of an answer.</summary>
public static partial class NumberAnswer
{
    private static readonly string[] s_small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] s_tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>
    /// The first number of a text, in digits (<c>-3</c>, <c>1,250</c>, <c>0.5</c>) or as an English word up to <c>ninety-nine</c>; null
    /// where there is none. <c>none</c>, and an answer that begins with <c>no</c>, are 0.
    /// </summary>
    /// <param name="answer">The answer.</param>
    public static double? Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string text = answer.ToLowerInvariant();
        double? tens = null;
        bool first = true;
        foreach (Match match in Pieces().Matches(text))
        {
            string piece = match.Value;
            if (tens is { } begun)
            {
                int unit = Array.IndexOf(s_small, piece);
                return unit is >= 1 and <= 9 ? begun + unit : begun;
            }

            if (char.IsAsciiDigit(piece[^1]))
            {
                return double.Parse(piece.Replace(",", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);
            }

            int small = Array.IndexOf(s_small, piece), ten = Array.IndexOf(s_tens, piece);
            if (small >= 0 || piece == "none" || (first && piece == "no"))
            {
                return Math.Max(small, 0);
            }

            tens = ten >= 0 ? 20 + (10 * ten) : null;
            first = false;
        }

        return tens;
    }

    [GeneratedRegex(@"(?<![\p{L}\d.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\p{L}\d.])-?\d+(?:\.\d+)?|\p{L}+")]
    private static partial Regex Pieces();
}
