namespace Percept.Media;

/// <summary>Draws boxes, labels, lines and points on a picture, to show what a model has found.</summary>
/// <remarks>
/// Places are pixels from the upper left corner; what lies outside the picture is cut off. Colours with alpha are blended.
/// Text has a built-in font of 5×7 dots for ASCII and Latin-1; other letters are shown as boxes. Not thread-safe.
/// </remarks>
public sealed partial class ImageDrawing
{
    private readonly Image _image;

    /// <summary>Draws on a picture in place.</summary>
    /// <param name="image">A picture in RGB or RGBA.</param>
    /// <exception cref="NotSupportedException">The picture has another format.</exception>
    public ImageDrawing(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Format is not (PixelFormat.Rgb or PixelFormat.Rgba))
        {
            throw new NotSupportedException($"A picture in {image.Format} cannot be drawn on; convert it to RGB first.");
        }

        _image = image;
    }

    /// <summary>Fills a box.</summary>
    /// <param name="box">The box; sides are rounded to whole pixels.</param>
    /// <param name="color">The colour.</param>
    public void FillRectangle(ImageBox box, ImageColor color)
    {
        int left = Round(box.Left), right = Round(box.Right);
        for (int y = Math.Max(0, Round(box.Top)); y < Math.Min(_image.Height, Round(box.Bottom)); y++)
        {
            Span(y, left, right, color);
        }
    }

    /// <summary>Draws the outline of a box, inside its sides.</summary>
    /// <param name="box">The box; sides are rounded to whole pixels.</param>
    /// <param name="color">The colour.</param>
    /// <param name="thickness">Pixels of the outline, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The thickness is below 1.</exception>
    public void Rectangle(ImageBox box, ImageColor color, int thickness = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(thickness, 1);
        int left = Round(box.Left), top = Round(box.Top), right = Round(box.Right), bottom = Round(box.Bottom);
        long across = Math.Min(thickness, Math.Max(0, ((long)right - left + 1) / 2));
        for (int y = Math.Max(0, top); y < Math.Min(_image.Height, bottom); y++)
        {
            if (y - (long)top < thickness || bottom - 1L - y < thickness)
            {
                Span(y, left, right, color);
            }
            else
            {
                // A narrow box is filled once, not twice.
                Span(y, left, (int)(left + across), color);
                Span(y, (int)Math.Max(left + across, right - across), right, color);
            }
        }
    }

    /// <summary>Draws a line with round ends.</summary>
    /// <param name="fromX">The column of its begin.</param>
    /// <param name="fromY">The row of its begin.</param>
    /// <param name="toX">The column of its end.</param>
    /// <param name="toY">The row of its end.</param>
    /// <param name="color">The colour.</param>
    /// <param name="thickness">Pixels across, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A place is no number, or the thickness is not above 0.</exception>
    public void Line(double fromX, double fromY, double toX, double toY, ImageColor color, double thickness = 2)
    {
        double radius = thickness / 2;
        if (!(radius > 0) || !double.IsFinite(fromX + fromY + toX + toY + radius))
        {
            throw new ArgumentOutOfRangeException(nameof(thickness), thickness, "The thickness must be above 0, places finite.");
        }

        double dx = toX - fromX, dy = toY - fromY;
        double squared = (dx * dx) + (dy * dy);
        int top = Math.Max(0, Round(Math.Min(fromY, toY) - radius) - 1);
        int bottom = Math.Min(_image.Height, Round(Math.Max(fromY, toY) + radius) + 2);
        int left = Math.Max(0, Round(Math.Min(fromX, toX) - radius) - 1);
        int right = Math.Min(_image.Width, Round(Math.Max(fromX, toX) + radius) + 2);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                // The nearest place of the line to the middle of the pixel.
                double px = x + 0.5 - fromX, py = y + 0.5 - fromY;
                double part = squared == 0 ? 0 : Math.Clamp(((px * dx) + (py * dy)) / squared, 0, 1);
                double awayX = px - (part * dx), awayY = py - (part * dy);
                if ((awayX * awayX) + (awayY * awayY) <= radius * radius)
                {
                    Span(y, x, x + 1, color);
                }
            }
        }
    }

    /// <summary>Draws a filled disc, such as a keypoint.</summary>
    /// <param name="x">The column of its middle.</param>
    /// <param name="y">The row of its middle.</param>
    /// <param name="color">The colour.</param>
    /// <param name="radius">Its radius in pixels, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A place is no number, or the radius is not above 0.</exception>
    public void Point(double x, double y, ImageColor color, double radius = 3) => Line(x, y, x, y, color, 2 * radius);

    /// <summary>The pixels that a text takes.</summary>
    /// <param name="text">The text; line breaks are letters like others.</param>
    /// <param name="scale">Pixels of a dot, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is below 1.</exception>
    public static (int Width, int Height) Measure(string text, int scale = 1)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        int letters = text.Length - text.Count(char.IsLowSurrogate);
        return (checked(letters * DrawingFont.Advance * scale), checked(DrawingFont.Height * scale));
    }

    /// <summary>Writes a line of text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="x">The column of its left side.</param>
    /// <param name="y">The row of its upper side; tops of capitals lie three dots lower.</param>
    /// <param name="color">The colour.</param>
    /// <param name="scale">Pixels of a dot, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is below 1.</exception>
    public void Text(string text, int x, int y, ImageColor color, int scale = 1)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        Span<byte> rows = stackalloc byte[DrawingFont.Height];
        long at = x;
        foreach (char letter in text)
        {
            // The second half of a letter beyond the basic plane takes no room.
            if (char.IsLowSurrogate(letter))
            {
                continue;
            }

            if (at < _image.Width && at + (DrawingFont.Advance * (long)scale) > 0)
            {
                DrawingFont.Rows(letter, rows);
                Glyph(rows, (int)at, y, color, scale);
            }

            at += DrawingFont.Advance * (long)scale;
        }
    }

    /// <summary>Draws a box with a text on a filled tag at its upper left corner, above it where there is room.</summary>
    /// <param name="box">The box.</param>
    /// <param name="text">The text; no tag when empty.</param>
    /// <param name="color">The colour of the outline and the tag; the text is black or white.</param>
    /// <param name="thickness">Pixels of the outline, at least 1.</param>
    /// <param name="scale">Pixels of a dot of the text, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The thickness or the scale is below 1.</exception>
    public void LabeledBox(ImageBox box, string text, ImageColor color, int thickness = 2, int scale = 1)
    {
        (int width, int height) = Measure(text, scale);
        Rectangle(box, color, thickness);
        if (text.Length == 0)
        {
            return;
        }

        width += 3 * scale;
        int left = Math.Clamp(Round(box.Left), 0, Math.Max(0, _image.Width - width));
        int top = Round(box.Top) - height;
        top = Math.Max(0, top >= 0 ? top : Round(box.Top));
        FillRectangle(new ImageBox(left, top, left + (double)width, top + (double)height), color);
        Text(text, left + (2 * scale), top, color.Contrast, scale);
    }

    private void Glyph(ReadOnlySpan<byte> rows, int x, int y, ImageColor color, int scale)
    {
        for (int row = 0; row < rows.Length; row++)
        {
            for (int dot = 0; dot < 5; dot++)
            {
                if ((rows[row] & (16 >> dot)) == 0)
                {
                    continue;
                }

                long top = y + ((long)row * scale);
                long left = x + ((long)dot * scale);
                for (long line = Math.Max(0, top); line < Math.Min(_image.Height, top + scale); line++)
                {
                    Span((int)line, (int)Math.Max(0, left), (int)Math.Min(_image.Width, left + scale), color);
                }
            }
        }
    }

    /// <summary>Covers pixels of a row, from a column to before another.</summary>
    private void Span(int y, int left, int right, ImageColor color)
    {
        left = Math.Max(0, left);
        right = Math.Min(_image.Width, right);
        if (left >= right)
        {
            return;
        }

        int channels = _image.Format.Channels();
        Span<byte> row = _image.Row(y)[(left * channels)..(right * channels)];
        for (int i = 0; i < row.Length; i += channels)
        {
            Blend(row.Slice(i, channels), color);
        }
    }

    private static int Round(double place) =>
        double.IsNaN(place) ? 0 : (int)Math.Clamp(Math.Floor(place + 0.5), int.MinValue / 2, int.MaxValue / 2);
}
