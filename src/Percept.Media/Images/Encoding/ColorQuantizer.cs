namespace Percept.Media;

/// <summary>Reduces a picture to few colours.</summary>
/// <remarks>
/// Source of the choice of colours: X. Wu, "Efficient Statistical Computations for Optimal Color Quantization", Graphics
/// Gems II (1991), over 32 levels a channel. Pictures of few colours keep them exactly.
/// </remarks>
public static class ColorQuantizer
{
    private const int MostColors = 256;
    private const int OpaqueFrom = 128;

    /// <summary>Makes a palette picture.</summary>
    /// <param name="image">The picture; its alpha becomes one transparent colour below 128 and opaque from there on.</param>
    /// <param name="colors">The greatest number of colours, the transparent one among them: 2 to 256.</param>
    /// <param name="dithers">Whether errors are spread over neighbours (Floyd-Steinberg) where colours do not suffice.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of colours is not one of 2 to 256.</exception>
    public static Image Quantize(Image image, int colors = MostColors, bool dithers = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(colors, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(colors, MostColors);
        Image source = image.Convert(PixelFormat.Rgba);
        bool transparent = HasTransparent(source.Pixels);
        int opaque = colors - (transparent ? 1 : 0);
        int hidden = transparent ? opaque : -1;
        if (Exact(source, opaque) is { } known)
        {
            hidden = transparent ? known.Count : -1;
            return Map(source, Palette([.. known.Keys], hidden), hidden, pixel => known[pixel]);
        }

        var histogram = new ColorHistogram(source.Pixels, OpaqueFrom);
        (uint[] chosen, byte[] cells) = histogram.Choose(opaque);
        hidden = transparent ? chosen.Length : -1;
        ImagePalette palette = Palette(chosen, hidden);
        return dithers
            ? ColorDither.Apply(source, palette, chosen.Length, hidden, OpaqueFrom)
            : Map(source, palette, hidden, pixel => cells[ColorHistogram.CellOf(pixel)]);
    }

    private static bool HasTransparent(ReadOnlySpan<byte> rgba)
    {
        for (int i = 3; i < rgba.Length; i += 4)
        {
            if (rgba[i] < OpaqueFrom)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The colours of a picture with their numbers in order of appearance; null when there are more than allowed.</summary>
    private static Dictionary<uint, byte>? Exact(Image source, int most)
    {
        var known = new Dictionary<uint, byte>();
        ReadOnlySpan<byte> pixels = source.Pixels;
        uint last = uint.MaxValue;
        for (int i = 0; i < pixels.Length; i += 4)
        {
            uint color = Pack(pixels.Slice(i, 4));
            if (color == last || pixels[i + 3] < OpaqueFrom)
            {
                continue;
            }

            last = color;
            if (!known.ContainsKey(color))
            {
                if (known.Count == most)
                {
                    return null;
                }

                known.Add(color, (byte)known.Count);
            }
        }

        return known;
    }

    private static uint Pack(ReadOnlySpan<byte> rgba) => (uint)(rgba[0] | (rgba[1] << 8) | (rgba[2] << 16));

    private static ImagePalette Palette(uint[] colors, int hidden)
    {
        byte[] rgba = new byte[4 * (colors.Length + (hidden >= 0 ? 1 : 0))];
        for (int i = 0; i < colors.Length; i++)
        {
            rgba[4 * i] = (byte)colors[i];
            rgba[(4 * i) + 1] = (byte)(colors[i] >> 8);
            rgba[(4 * i) + 2] = (byte)(colors[i] >> 16);
            rgba[(4 * i) + 3] = 255;
        }

        return new ImagePalette(rgba, hidden >= 0);
    }

    private static Image Map(Image source, ImagePalette palette, int hidden, Func<uint, byte> index)
    {
        Image result = Image.Uninitialized(source.Width, source.Height, PixelFormat.Palette, palette);
        ReadOnlySpan<byte> from = source.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0; i < to.Length; i++)
        {
            ReadOnlySpan<byte> pixel = from.Slice(4 * i, 4);
            to[i] = pixel[3] < OpaqueFrom ? (byte)hidden : index(Pack(pixel));
        }

        return result;
    }
}
