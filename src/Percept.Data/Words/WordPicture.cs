using Percept.Media;

namespace Percept.Data;

/// <summary>A picture of written text by its content: one text, several below each other, or letters in fields, in one colour.</summary>
public sealed record WordPicture
{
    /// <summary>The texts, from top to bottom, and such of one line from left to right.</summary>
    public required IReadOnlyList<WordLine> Lines { get; init; }

    /// <summary>How many texts stand beside each other.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>Pixels of each side.</summary>
    public required int Side { get; init; }

    /// <summary>The colour of the letters.</summary>
    public required ImageColor Paint { get; init; }

    /// <summary>The ground at the upper left corner.</summary>
    public required ImageColor GroundFrom { get; init; }

    /// <summary>The ground at the lower right corner.</summary>
    public required ImageColor GroundTo { get; init; }

    /// <summary>The texts of all lines, parted by line feeds.</summary>
    public string Text => string.Join('\n', Lines.Chunk(Columns).Select(line => string.Concat(line.Select(text => text.Text))));

    /// <summary>Paints the picture.</summary>
    /// <returns>A picture in RGB; the same each time.</returns>
    /// <exception cref="ArgumentException">A text has a letter that there is not.</exception>
    public Image Draw()
    {
        Image image = ScenePainter.Ground(Side, Side, GroundFrom, GroundTo);
        foreach (WordLine line in Lines)
        {
            List<ImagePoint[]> strokes = Strokes(line);
            if (strokes.Count > 0)
            {
                new ImageDrawing(image).Strokes(strokes, line.Thickness, Paint);
            }
        }

        return image;
    }

    private static List<ImagePoint[]> Strokes(WordLine line)
    {
        var strokes = new List<ImagePoint[]>();
        (double sin, double cos) = Math.SinCos(line.Turn);
        double middle = StrokeFont.Width(line.Text.Length) / 2;
        for (int i = 0; i < line.Text.Length; i++)
        {
            foreach (ImagePoint[] stroke in StrokeFont.Of(line.Text[i]))
            {
                var placed = new ImagePoint[stroke.Length];
                for (int k = 0; k < stroke.Length; k++)
                {
                    double down = (stroke[k].Y - (StrokeFont.Height / 2)) * line.Step;
                    double across = ((stroke[k].X + (i * StrokeFont.Advance) - middle) * line.Step) - (line.Slant * down);
                    placed[k] = new ImagePoint(line.X + (across * cos) - (down * sin), line.Y + (across * sin) + (down * cos));
                }

                strokes.Add(placed);
            }
        }

        return strokes;
    }
}
