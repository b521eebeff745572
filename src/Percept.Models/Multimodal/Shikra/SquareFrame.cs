using Percept.Media;

namespace Percept.Models;

/// <summary>
/// The square in whose middle a picture stands: between pixels of the picture and the numbers from 0 to 1 that stand in text.
/// </summary>
/// <remarks>Reference: shikras/shikra, <c>dataset/utils/transform.py</c>.</remarks>
public readonly record struct SquareFrame
{
    private readonly ImageSize _picture;

    /// <summary>The square of a picture.</summary>
    /// <param name="picture">Its size.</param>
    public SquareFrame(ImageSize picture)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(picture.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(picture.Height, 1);
        _picture = picture;
    }

    /// <summary>Pixels of a side.</summary>
    public int Side => Math.Max(_picture.Width, _picture.Height);

    /// <summary>Pixels of the square left of the picture; where the rest is odd, one more is right of it.</summary>
    private int X => (Side - _picture.Width) / 2;

    private int Y => (Side - _picture.Height) / 2;

    /// <summary>A box of the picture on the square, in pixels.</summary>
    /// <param name="box">In pixels of the picture.</param>
    public ImageBox OnSquare(ImageBox box) => new(box.Left + X, box.Top + Y, box.Right + X, box.Bottom + Y);

    /// <summary>A box of the picture as text tells it: from 0 to 1, rounded to three places.</summary>
    /// <param name="box">In pixels of the picture.</param>
    public TextBox ToText(ImageBox box)
    {
        ImageBox on = OnSquare(box);
        return new(Thousandths(on.Left), Thousandths(on.Top), Thousandths(on.Right), Thousandths(on.Bottom));
    }

    /// <summary>A point of the picture as text tells it: from 0 to 1, not rounded.</summary>
    /// <param name="x">Pixels from the left.</param>
    /// <param name="y">Pixels from the top.</param>
    public TextPoint ToText(double x, double y) => new(Part(x + X), Part(y + Y));

    /// <summary>What text tells, in pixels of the picture; what lies outside it is cut off.</summary>
    /// <param name="box">From 0 to 1 of the square.</param>
    public ImageBox ToPicture(TextBox box)
    {
        ImageBox on = ToSquare(box);
        return new(
            Math.Clamp(on.Left - X, 0, _picture.Width), Math.Clamp(on.Top - Y, 0, _picture.Height),
            Math.Clamp(on.Right - X, 0, _picture.Width), Math.Clamp(on.Bottom - Y, 0, _picture.Height));
    }

    /// <summary>What text tells, in pixels of the square.</summary>
    /// <param name="box">From 0 to 1.</param>
    public ImageBox ToSquare(TextBox box) => new(box.Left * Side, box.Top * Side, box.Right * Side, box.Bottom * Side);

    private double Part(double pixels) => Math.Max(0, Math.Min(pixels / Side, 1));

    private double Thousandths(double pixels) => (double)DecimalRounding.Scaled(Part(pixels), 3) / 1000;
}
