using Percept.Media;

namespace Percept.Models;

/// <summary>The steps on bytes that come before samples become numbers.</summary>
internal static class PixelSteps
{
    /// <summary>The most pixels that a picture is resized to as a whole: 4 times what is decoded by default.</summary>
    private const long GreatestArea = 200_000_000;

    private static readonly byte[] s_white = [255, 255, 255];

    /// <summary>The picture as RGB, laid over white where it has alpha; refused when the family does not convert.</summary>
    /// <exception cref="ArgumentException">The picture has another format and the family does not convert.</exception>
    internal static Image ToRgb(Image image, ImageSteps steps)
    {
        if (image.Format == PixelFormat.Rgb)
        {
            return image;
        }

        if (!steps.ConvertRgb)
        {
            throw new ArgumentException(
                $"The picture is stored as {image.Format} and this processor does not convert ('do_convert_rgb' is off); " +
                $"convert it first: {nameof(Image)}.{nameof(Image.Convert)}({nameof(PixelFormat)}.{nameof(PixelFormat.Rgb)}).");
        }

        return HasAlpha(image)
            ? image.Convert(PixelFormat.Rgba).PasteOn(s_white)
            : image.Convert(PixelFormat.Rgb);
    }

    /// <summary>The picture in another size; itself when it has it.</summary>
    /// <exception cref="MediaLimitException">The size is over the limit.</exception>
    internal static Image Resize(Image image, ImageSize size, ResampleKind kind)
    {
        if (size.Height == image.Height && size.Width == image.Width)
        {
            return image;
        }

        Check(image, size);
        return image.Resize(size.Width, size.Height, Filter(kind));
    }

    /// <summary>
    /// The picture in another size after torch, which always resizes columns before rows; itself when it has it.
    /// </summary>
    /// <exception cref="MediaLimitException">The size is over the limit.</exception>
    /// <exception cref="NotSupportedException">torch has no such filter.</exception>
    internal static Image ResizeAsTorch(Image image, ImageSize size, ResampleKind kind)
    {
        if (size.Height == image.Height && size.Width == image.Width)
        {
            return image;
        }

        Check(image, size);
        if (kind == ResampleKind.Lanczos)
        {
            // torch's newest filter has Pillow's arithmetic, with the horizontal pass always first.
            return Resize(Resize(image, new(image.Height, size.Width), kind), size, kind);
        }

        TorchInterpolation interpolation = kind switch
        {
            ResampleKind.Nearest => TorchInterpolation.NearestExact,
            ResampleKind.Bilinear => TorchInterpolation.Bilinear,
            ResampleKind.Bicubic => TorchInterpolation.Bicubic,
            _ => throw new NotSupportedException($"This processor can't resize with {kind}; use bilinear, bicubic or lanczos."),
        };
        return image.ResizeAsTorch(size.Width, size.Height, new TorchResizeOptions
        {
            Interpolation = interpolation, Antialias = kind != ResampleKind.Nearest,
        });
    }

    /// <summary>A window of the picture in another size; only what the window needs is made.</summary>
    internal static Image ResizeWindow(
        Image image, ImageSize size, ResampleKind kind, int x, int y, int width, int height) =>
        size.Height == image.Height && size.Width == image.Width
            ? Cut(image, x, y, width, height)
            : image.ResizeWindow(size.Width, size.Height, x, y, width, height, Filter(kind));

    /// <summary>The filter of a setting's number.</summary>
    internal static ResampleFilter Filter(ResampleKind kind) => kind switch
    {
        ResampleKind.Nearest => ResampleFilter.Nearest,
        ResampleKind.Lanczos => ResampleFilter.Lanczos,
        ResampleKind.Bilinear => ResampleFilter.Bilinear,
        ResampleKind.Bicubic => ResampleFilter.Bicubic,
        ResampleKind.Box => ResampleFilter.Box,
        _ => ResampleFilter.Hamming,
    };

    /// <summary>A window of a picture as a picture of its own; what lies outside is black.</summary>
    internal static Image Cut(Image image, int x, int y, int width, int height) =>
        x == 0 && y == 0 && width == image.Width && height == image.Height
            ? image
            : image.Crop(x, y, x + width, y + height);

    /// <summary>The middle of a picture, padded with black where it is smaller.</summary>
    internal static Image CenterCrop(Image image, ImageSize crop) =>
        image.CenterCrop(crop.Width, crop.Height, CenterCropRule.TransformersPil);

    /// <summary>
    /// Where a side begins in its centre crop: a longer side before it by half the rest, rounded down; a shorter side after
    /// it by half the rest, rounded up.
    /// </summary>
    internal static int CropOffset(int side, int crop) => side >= crop ? -((side - crop) / 2) : (crop - side + 1) / 2;

    /// <summary>The picture in the middle of a square of a colour; the odd pixel is at the end.</summary>
    internal static Image PadToSquare(Image image, ReadOnlySpan<byte> color) =>
        image.Width == image.Height ? image : image.ExpandToSquare(color);

    /// <summary>The colour that a mean of 0 to 1 is as bytes.</summary>
    internal static byte[] ColorOf(double[] mean) =>
        [.. mean.Select(value => (byte)Math.Clamp(Math.Truncate(value * 255), 0, 255))];

    private static void Check(Image image, ImageSize size)
    {
        if (size.Area > GreatestArea)
        {
            throw new MediaLimitException(
                $"A picture of {image.Height}×{image.Width} would be resized to {size}, over the {GreatestArea} pixels allowed; " +
                "crop it first, or set a size that bounds both sides.");
        }
    }

    private static bool HasAlpha(Image image) =>
        image.Format is PixelFormat.Rgba or PixelFormat.GrayAlpha
        || image.TransparentColor is not null
        || image.Palette is { HasAlpha: true };
}
