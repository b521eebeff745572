using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <content>Changes of the pixel format.</content>
public sealed partial class Image
{
    /// <summary>The picture in another pixel format, with the arithmetic of Pillow's <c>convert</c>.</summary>
    /// <remarks>
    /// Alpha is dropped, not blended on a background. <see cref="TransparentColor"/> becomes alpha when the target has
    /// alpha, and stays a transparent colour between gray and RGB. 16-bit gray is clipped at 255. Black and white is
    /// dithered.
    /// </remarks>
    /// <param name="format">The wanted format.</param>
    /// <returns>A new picture; this one itself when it has the format already.</returns>
    /// <exception cref="NotSupportedException">A picture that is not gray is to be converted to a palette.</exception>
    public Image Convert(PixelFormat format)
    {
        if (format == Format)
        {
            return this;
        }

        if (TransparentColor is not null && format is PixelFormat.Rgba or PixelFormat.GrayAlpha
            && Format is PixelFormat.Bit or PixelFormat.Gray or PixelFormat.Gray16 or PixelFormat.Gray32 or PixelFormat.Rgb)
        {
            return WithAlpha(format);
        }

        if (Format == PixelFormat.Palette)
        {
            return FromPalette(format);
        }

        return format switch
        {
            PixelFormat.Palette => ToPalette(),
            PixelFormat.Bit => ToBit(),
            _ => PixelConversions.Find(Format, format) is { } direct
                ? Apply(direct, format)
                : Convert(Between(format)).Convert(format),
        };
    }

    /// <summary>The format on the way to one that cannot be reached directly.</summary>
    private PixelFormat Between(PixelFormat format)
    {
        PixelFormat between = PixelConversions.Base(Format);
        return between == Format ? PixelConversions.Base(format) : between;
    }

    private Image Apply(PixelConversion conversion, PixelFormat format)
    {
        Image result = Uninitialized(Width, Height, format, null, Translated(format));
        conversion(_pixels, result._pixels);
        return result;
    }

    /// <summary>The transparent colour after a conversion between gray and RGB; null for all others.</summary>
    private IReadOnlyList<int>? Translated(PixelFormat format) => (Format, format, TransparentColor) switch
    {
        (PixelFormat.Gray or PixelFormat.Bit, PixelFormat.Rgb, [var gray]) => [gray, gray, gray],
        (PixelFormat.Bit, PixelFormat.Gray, [var gray]) => [gray],
        (PixelFormat.Rgb, PixelFormat.Gray, [var r, var g, var b]) => [ColorConversions.Luma(r, g, b)],
        _ => null,
    };

    private Image FromPalette(PixelFormat format)
    {
        if (!PaletteConversions.Supports(format))
        {
            return FromPalette(PixelFormat.Rgb).Convert(format);
        }

        Image result = Uninitialized(Width, Height, format);
        PaletteConversions.Convert(
            Palette ?? throw new InvalidOperationException("The palette picture has no palette."), format, _pixels, result._pixels);
        return result;
    }

    private Image ToPalette()
    {
        Image gray = Format switch
        {
            PixelFormat.Gray => this,
            PixelFormat.Bit => Convert(PixelFormat.Gray),
            _ => throw new NotSupportedException(
                $"A {Format} picture has no palette of its own; convert it to gray, or count its colours down first."),
        };
        Span<byte> rgba = stackalloc byte[256 * 4];
        for (int i = 0; i < 256; i++)
        {
            rgba.Slice(4 * i, 3).Fill((byte)i);
            rgba[(4 * i) + 3] = 255;
        }

        Image result = Uninitialized(Width, Height, PixelFormat.Palette, new ImagePalette(rgba, false));
        gray._pixels.CopyTo(result._pixels, 0);
        return result;
    }

    private Image ToBit()
    {
        Image source = Format is PixelFormat.Gray or PixelFormat.Rgb ? this : Convert(PixelConversions.Base(Format));
        Image result = Uninitialized(Width, Height, PixelFormat.Bit);
        BitConversions.Dither(source, result);
        return result;
    }

    private Image WithAlpha(PixelFormat format)
    {
        Image plain = new Image(Width, Height, Format, _pixels).Convert(format);
        Span<byte> target = plain._pixels;
        int step = format.BytesPerPixel();
        IReadOnlyList<int> key = TransparentColor!;
        switch (Format)
        {
            case PixelFormat.Rgb:
                for (int s = 0, t = step - 1; s < _pixels.Length; s += 3, t += step)
                {
                    if (_pixels[s] == key[0] && _pixels[s + 1] == key[1] && _pixels[s + 2] == key[2])
                    {
                        target[t] = 0;
                    }
                }

                break;
            case PixelFormat.Gray16:
                Clear(MemoryMarshal.Cast<byte, ushort>(_pixels), key[0], target, step);
                break;
            case PixelFormat.Gray32:
                Clear(MemoryMarshal.Cast<byte, int>(_pixels), key[0], target, step);
                break;
            default:
                Clear<byte>(_pixels, key[0], target, step);
                break;
        }

        return plain;
    }

    private static void Clear<T>(ReadOnlySpan<T> samples, int key, Span<byte> target, int step)
        where T : IBinaryInteger<T>
    {
        for (int i = 0; i < samples.Length; i++)
        {
            if (int.CreateTruncating(samples[i]) == key)
            {
                target[((i + 1) * step) - 1] = 0;
            }
        }
    }
}
