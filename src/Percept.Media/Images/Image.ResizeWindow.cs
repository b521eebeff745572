namespace Percept.Media;

/// <content>Changing the size of a picture of which only a part is wanted.</content>
public sealed partial class Image
{
    /// <summary>
    /// Makes a window of what <see cref="Resize"/> would give, with the same samples: only the window's pixels are made. A
    /// narrow picture brought to a shorter side may be enormous as a whole.
    /// </summary>
    /// <param name="width">Pixels a row of the whole, at least 1.</param>
    /// <param name="height">Rows of the whole, at least 1.</param>
    /// <param name="x">The window's first column.</param>
    /// <param name="y">The window's first row.</param>
    /// <param name="windowWidth">The window's columns, at least 1.</param>
    /// <param name="windowHeight">The window's rows, at least 1.</param>
    /// <param name="filter">How pixels are weighted.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the window does not lie in the whole.</exception>
    public Image ResizeWindow(
        int width, int height, int x, int y, int windowWidth, int windowHeight,
        ResampleFilter filter = ResampleFilter.Bicubic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowHeight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowWidth, width - x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowHeight, height - y);
        if (!Enum.IsDefined(filter))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "There is no such filter.");
        }

        return Resizer.Resize(this, width, height, filter, new Window(x, y, windowWidth, windowHeight));
    }
}
