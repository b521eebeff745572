using Percept.Media;

namespace Percept.Models;

/// <summary>The steps on bytes that come before samples become numbers.</summary>
internal static class PixelSteps
{
    /// <summary>The most pixels that a picture is resized to as a whole: 4 times what is decoded by default.</summary>
    private const long GreatestArea = 200_000_000;

    /// <summary>The picture as RGB, by the family's rule; refused when the family does not convert.</summary>
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

        return steps.Alpha == AlphaRule.OverWhite && HasAlpha(image) ? OverWhite(image) : image.Convert(PixelFormat.Rgb);
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

    /// <summary>The picture in another size after torch; itself when it has it.</summary>
    /// <exception cref="MediaLimitException">The size is over the limit.</exception>
    internal static Image ResizeAsTorch(Image image, ImageSize size, ResampleKind kind) => Resize(image, size, kind);

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

    /// <summary>A window of an RGB picture as a picture of its own; what lies outside is black.</summary>
    internal static Image Cut(Image image, int x, int y, int width, int height)
    {
        if (x == 0 && y == 0 && width == image.Width && height == image.Height)
        {
            return image;
        }

        var result = new Image(width, height, PixelFormat.Rgb);
        Place(image, result, -x, -y);
        return result;
    }

    /// <summary>
    /// The middle of a picture: offsets rounded down where it is greater, rounded up where it is smaller and padded with black.
    /// </summary>
    internal static Image CenterCrop(Image image, ImageSize crop) => Cut(
        image, -CropOffset(image.Width, crop.Width), -CropOffset(image.Height, crop.Height), crop.Width, crop.Height);

    /// <summary>
    /// Where a side begins in its centre crop: a longer side before it by half the rest, rounded down; a shorter side after
    /// it by half the rest, rounded up.
    /// </summary>
    internal static int CropOffset(int side, int crop) => side >= crop ? -((side - crop) / 2) : (crop - side + 1) / 2;

    /// <summary>The RGB picture in the middle of a square of a colour; the odd pixel is at the end.</summary>
    internal static Image PadToSquare(Image image, ReadOnlySpan<byte> color)
    {
        if (image.Width == image.Height)
        {
            return image;
        }

        int side = Math.Max(image.Width, image.Height);
        var result = new Image(side, side, PixelFormat.Rgb);
        Fill(result.Pixels, color);
        Place(image, result, (side - image.Width) / 2, (side - image.Height) / 2);
        return result;
    }

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

    /// <summary>Copies the part of a picture that lies on another one.</summary>
    private static void Place(Image image, Image target, int x, int y)
    {
        int left = Math.Max(0, x);
        int width = Math.Min(target.Width, x + image.Width) - left;
        int top = Math.Max(0, y);
        int bottom = Math.Min(target.Height, y + image.Height);
        for (int row = top; row < bottom && width > 0; row++)
        {
            image.Row(row - y).Slice((left - x) * 3, width * 3).CopyTo(target.Row(row)[(left * 3)..]);
        }
    }

    private static void Fill(Span<byte> pixels, ReadOnlySpan<byte> color)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            color.CopyTo(pixels[i..]);
        }
    }

    private static bool HasAlpha(Image image) =>
        image.Format is PixelFormat.Rgba or PixelFormat.GrayAlpha
        || image.TransparentColor is not null
        || image.Palette is { HasAlpha: true };

    /// <summary>Laid over white: (c·a + 255·(255 − a)) / 255, rounded.</summary>
    private static Image OverWhite(Image image)
    {
        Image from = image.Convert(PixelFormat.Rgba);
        var to = new Image(image.Width, image.Height, PixelFormat.Rgb);
        ReadOnlySpan<byte> source = from.Pixels;
        Span<byte> target = to.Pixels;
        for (int s = 0, t = 0; t < target.Length; s += 4, t += 3)
        {
            int alpha = source[s + 3];
            int white = 255 * (255 - alpha);
            target[t] = Divided((source[s] * alpha) + white);
            target[t + 1] = Divided((source[s + 1] * alpha) + white);
            target[t + 2] = Divided((source[s + 2] * alpha) + white);
        }

        return to;
    }

    private static byte Divided(int value) => (byte)((value + 127) / 255);
}
