using Percept.Media;

namespace Percept.Data;

/// <summary>A picture of a written text by its content.</summary>
public sealed record WordPicture
{
    /// <summary>The text: letters, digits and a few signs of ASCII, and spaces.</summary>
    public required string Text { get; init; }

    /// <summary>Pixels of each side.</summary>
    public required int Side { get; init; }

    /// <summary>The column of the text's middle.</summary>
    public required double X { get; init; }

    /// <summary>The row of the text's middle.</summary>
    public required double Y { get; init; }

    /// <summary>Pixels of a step of the letters' grid, of which a capital takes 4 across and 6 down.</summary>
    public required double Step { get; init; }

    /// <summary>Pixels across a line.</summary>
    public required double Thickness { get; init; }

    /// <summary>How far the text is turned clockwise, in radians.</summary>
    public double Turn { get; init; }

    /// <summary>How far a step down moves a letter to the left, in steps.</summary>
    public double Slant { get; init; }

    /// <summary>The colour of the letters.</summary>
    public required ImageColor Paint { get; init; }

    /// <summary>The ground at the upper left corner.</summary>
    public required ImageColor GroundFrom { get; init; }

    /// <summary>The ground at the lower right corner.</summary>
    public required ImageColor GroundTo { get; init; }

    /// <summary>Paints the picture.</summary>
    /// <returns>A picture in RGB; the same each time.</returns>
    /// <exception cref="ArgumentException">The text has a letter that there is not.</exception>
    public Image Draw()
    {
        Image image = ScenePainter.Ground(Side, Side, GroundFrom, GroundTo);
        var lines = new List<ImagePoint[]>();
        (double sin, double cos) = Math.SinCos(Turn);
        double middle = ((Text.Length * StrokeFont.Advance) - (StrokeFont.Advance - 4)) / 2;
        for (int i = 0; i < Text.Length; i++)
        {
            foreach (ImagePoint[] line in StrokeFont.Of(Text[i]))
            {
                var placed = new ImagePoint[line.Length];
                for (int k = 0; k < line.Length; k++)
                {
                    double down = (line[k].Y - (StrokeFont.Height / 2)) * Step;
                    double across = ((line[k].X + (i * StrokeFont.Advance) - middle) * Step) - (Slant * down);
                    placed[k] = new ImagePoint(X + (across * cos) - (down * sin), Y + (across * sin) + (down * cos));
                }

                lines.Add(placed);
            }
        }

        if (lines.Count > 0)
        {
            new ImageDrawing(image).Strokes(lines, Thickness, Paint);
        }

        return image;
    }
}
