namespace Percept.Media;

/// <content>Changing the size.</content>
public sealed partial class Image
{
    /// <summary>Makes a copy of another size, bit for bit as Pillow 13 does.</summary>
    /// <remarks>
    /// Samples of a byte are weighted with 22-bit whole numbers and rounded to a byte between the two passes; 16-bit samples
    /// are rounded to whole numbers between the passes and float samples to float32. Pictures with alpha are resized with
    /// their colours multiplied by alpha. <see cref="PixelFormat.Bit"/> and <see cref="PixelFormat.Palette"/> always take the
    /// nearest pixel. The vertical pass is first when the height shrinks by more than twice what the width shrinks by.
    /// </remarks>
    /// <param name="width">Pixels a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="filter">How pixels are weighted.</param>
    /// <param name="box">The part that is resized; the whole picture when left out. Filters never read outside it by more
    /// than their support.</param>
    /// <param name="reducingGap">
    /// Shrinks by whole factors first (<see cref="Reduce"/>), so that the filter still shrinks by this factor or more; at least
    /// 1. Faster and less exact. Not used for pictures with alpha, as in Pillow.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A size, the box or the gap is out of range.</exception>
    /// <exception cref="NotSupportedException">The format cannot be reduced, and <paramref name="reducingGap"/> asks for it.</exception>
    public Image Resize(
        int width, int height, ResampleFilter filter = ResampleFilter.Bicubic, ImageBox? box = null, double? reducingGap = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (!Enum.IsDefined(filter))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "There is no such filter.");
        }

        if (reducingGap is { } gap && !(gap >= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(reducingGap), gap, "The gap must be 1 or greater.");
        }

        ImageBox part = box ?? new ImageBox(0, 0, Width, Height);
        if (!(part.Left >= 0 && part.Top >= 0 && part.Right <= Width && part.Bottom <= Height
            && part.Left <= part.Right && part.Top <= part.Bottom))
        {
            throw new ArgumentOutOfRangeException(nameof(box), part, $"The box does not lie in the picture of {Width}×{Height}.");
        }

        return Resizer.Resize(this, width, height, filter, part, reducingGap);
    }

    /// <summary>Shrinks by whole factors: each new pixel is the mean of a block, as Pillow's <c>Image.reduce</c>.</summary>
    /// <remarks>Blocks cut by the right or lower edge are means of what is there.</remarks>
    /// <param name="factorX">Columns of a block, at least 1.</param>
    /// <param name="factorY">Rows of a block, at least 1.</param>
    /// <param name="box">The part that is reduced, in whole pixels; the whole picture when left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A factor is below 1, or the box is empty or not in the picture.</exception>
    /// <exception cref="NotSupportedException">The format is bit, palette or 16-bit gray.</exception>
    public Image Reduce(int factorX, int factorY, ImageBox? box = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factorX, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(factorY, 1);
        ImageBox part = box ?? new ImageBox(0, 0, Width, Height);
        if (!(part.Left >= 0 && part.Top >= 0 && part.Right <= Width && part.Bottom <= Height
            && part.Left < part.Right && part.Top < part.Bottom)
            || part != new ImageBox((int)part.Left, (int)part.Top, (int)part.Right, (int)part.Bottom))
        {
            throw new ArgumentOutOfRangeException(
                nameof(box), part, $"The box is not a part of the picture of {Width}×{Height} in whole pixels.");
        }

        return Reducer.Reduce(this, factorX, factorY, (int)part.Left, (int)part.Top, (int)part.Right, (int)part.Bottom);
    }
}
