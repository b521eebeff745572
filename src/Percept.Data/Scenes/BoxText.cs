using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Media;

namespace Percept.Data;

/// <summary>Boxes in text: <c>[x1,y1,x2,y2]</c> in hundredths of the picture's sides, 0 to 99.</summary>
/// <remarks>
/// A corner is off by at most half a step, 0.65 pixels of a picture of 128; for a thing 20 pixels wide that leaves an overlap (IoU) of
/// at least 0.87. Two digits keep an answer short, which a small model needs more than finer steps; 0 to 999 would add a token to
/// every number and a place that the pictures do not have.
/// </remarks>
public static partial class BoxText
{
    /// <summary>The greatest number.</summary>
    public const int Greatest = 99;

    /// <summary>Writes a box.</summary>
    /// <param name="box">The box, in pixels.</param>
    /// <param name="width">Pixels of the picture's width.</param>
    /// <param name="height">Pixels of the picture's height.</param>
    public static string Format(ImageBox box, int width, int height) => FormattableString.Invariant(
        $"[{Step(box.Left, width)},{Step(box.Top, height)},{Step(box.Right, width)},{Step(box.Bottom, height)}]");

    /// <summary>Reads all boxes of a text, in order.</summary>
    /// <param name="text">The text; what is no box is passed over.</param>
    /// <param name="width">Pixels of the picture's width.</param>
    /// <param name="height">Pixels of the picture's height.</param>
    /// <returns>The boxes, in pixels.</returns>
    public static IReadOnlyList<ImageBox> Parse(string text, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(text);
        var boxes = new List<ImageBox>();
        foreach (Match match in Pattern().Matches(text))
        {
            double[] places = [.. match.Groups.Values.Skip(1).Select((g, i) => Place(g.ValueSpan, i % 2 == 0 ? width : height))];
            boxes.Add(new ImageBox(places[0], places[1], places[2], places[3]));
        }

        return boxes;
    }

    private static int Step(double place, int side) => Math.Clamp((int)Math.Round(place * Greatest / side), 0, Greatest);

    private static double Place(ReadOnlySpan<char> digits, int side) =>
        int.Parse(digits, CultureInfo.InvariantCulture) * (double)side / Greatest;

    [GeneratedRegex(@"\[\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*\]")]
    private static partial Regex Pattern();
}
