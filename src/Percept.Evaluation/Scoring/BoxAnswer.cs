using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>Reads a box out of an answer and compares boxes.</summary>
public static partial class BoxAnswer
{
    /// <summary>
    /// The first <c>[left, top, right, bottom]</c> of a text, in whatever unit the text has; null where there is none. Numbers as the
    /// benchmark kit lmms-eval reads them (<c>refcoco/utils_rec.py</c>, commit 75571cfe): plain decimals with a digit before the point.
    /// </summary>
    /// <param name="answer">The answer.</param>
    public static ImageBox? Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Match match = FourNumbers().Match(answer);
        double Number(int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return match.Success ? new ImageBox(Number(1), Number(2), Number(3), Number(4)) : null;
    }

    /// <summary>Whether the middle of one box lies in another, its edges included.</summary>
    /// <param name="box">The box whose middle is looked at.</param>
    /// <param name="target">The other box.</param>
    public static bool CentreLiesIn(ImageBox box, ImageBox target)
    {
        double x = (box.Left + box.Right) / 2, y = (box.Top + box.Bottom) / 2;
        return x >= target.Left && x <= target.Right && y >= target.Top && y <= target.Bottom;
    }

    [GeneratedRegex(@"\[\s*(-?[0-9]+(?:\.[0-9]+)?),\s*(-?[0-9]+(?:\.[0-9]+)?),\s*(-?[0-9]+(?:\.[0-9]+)?),\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\]")]
    private static partial Regex FourNumbers();
}
