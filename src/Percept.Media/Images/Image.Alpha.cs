namespace Percept.Media;

/// <content>Pictures with alpha over others.</content>
public sealed partial class Image
{
    /// <summary>Lays this picture over another, bit for bit as Pillow's <c>Image.alpha_composite</c>.</summary>
    /// <param name="background">A picture of the same size and format.</param>
    /// <returns>A new picture with alpha.</returns>
    /// <exception cref="ArgumentException">The format has no alpha, or the pictures' formats or sizes differ.</exception>
    public Image AlphaComposite(Image background)
    {
        ArgumentNullException.ThrowIfNull(background);
        if (Format is not (PixelFormat.Rgba or PixelFormat.GrayAlpha))
        {
            throw new ArgumentException($"A picture in {Format} has no alpha; convert it to RGBA first.");
        }

        if (background.Format != Format || background.Width != Width || background.Height != Height)
        {
            throw new ArgumentException(
                $"The background is {background.Width}×{background.Height} {background.Format}, expected {Width}×{Height} {Format}.",
                nameof(background));
        }

        Image result = background.Clone();
        AlphaBlend.Composite(Pixels, result.Pixels, Format.Channels());
        return result;
    }

    /// <summary>
    /// Pastes this picture on one colour by its alpha, bit for bit as Pillow's <c>background.paste(image, mask=alpha)</c>.
    /// </summary>
    /// <param name="color">The colour: 3 bytes for RGBA, 1 for gray and alpha.</param>
    /// <returns>A new picture without alpha.</returns>
    /// <exception cref="ArgumentException">The format has no alpha, or the colour does not fit.</exception>
    public Image PasteOn(ReadOnlySpan<byte> color)
    {
        if (Format is not (PixelFormat.Rgba or PixelFormat.GrayAlpha))
        {
            throw new ArgumentException($"A picture in {Format} has no alpha; convert it to RGBA first.");
        }

        int channels = Format.Channels() - 1;
        if (color.Length != channels)
        {
            throw new ArgumentException($"The colour has {color.Length} bytes, expected {channels}.", nameof(color));
        }

        Image result = Uninitialized(Width, Height, channels == 3 ? PixelFormat.Rgb : PixelFormat.Gray);
        AlphaBlend.Paste(Pixels, color, result.Pixels);
        return result;
    }
}
