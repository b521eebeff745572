namespace Percept.Media;

/// <content>Changing the size by torch's arithmetic on bytes.</content>
public sealed partial class Image
{
    /// <summary>
    /// Makes a copy of another size by the arithmetic of <c>torch.nn.functional.interpolate</c> on uint8 tensors, which
    /// torchvision uses for pictures.
    /// </summary>
    /// <remarks>
    /// Columns first, then rows; weights are 16-bit whole numbers with as many fraction bits as the greatest weight of the axis
    /// leaves, and bytes are rounded between the passes. Alpha is a channel like any other. Source: torch 2.13,
    /// <c>aten/src/ATen/native/cpu/UpSampleKernel.cpp</c>.
    /// </remarks>
    /// <param name="width">Pixels a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="options">How pixels are read between.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or a factor is not above 0.</exception>
    /// <exception cref="NotSupportedException">The samples are not bytes.</exception>
    public Image ResizeAsTorch(int width, int height, TorchResizeOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (options.FactorX is { } x && !(x > 0) || options.FactorY is { } y && !(y > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "A factor must be above 0.");
        }

        if (Format is PixelFormat.Gray16 or PixelFormat.Gray32 or PixelFormat.GrayFloat or PixelFormat.Palette)
        {
            throw new NotSupportedException($"A picture in {Format} has no byte samples to interpolate; convert it first.");
        }

        return TorchResizer.Resize(this, width, height, options);
    }
}
