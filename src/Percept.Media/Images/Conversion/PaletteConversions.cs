using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>From palette pictures: the palette is converted once, then looked up for every pixel.</summary>
internal static class PaletteConversions
{
    /// <summary>Whether a palette converts to a format in one look-up.</summary>
    internal static bool Supports(PixelFormat to) => to is not (PixelFormat.Palette or PixelFormat.Gray16);

    /// <summary>Converts indices. Entries that the palette lacks are black and opaque.</summary>
    internal static void Convert(ImagePalette palette, PixelFormat to, ReadOnlySpan<byte> source, Span<byte> target)
    {
        byte[] rgba = new byte[256 * 4];
        rgba.AsSpan().Fill(0);
        for (int i = 3; i < rgba.Length; i += 4)
        {
            rgba[i] = 255;
        }

        palette.Rgba.CopyTo(rgba);
        byte[] colors = new byte[256 * to.BytesPerPixel()];
        Fill(rgba, to, colors);
        switch (to.BytesPerPixel())
        {
            case 1:
                Look<byte>(colors, source, target);
                break;
            case 2:
                Look<ushort>(colors, source, target);
                break;
            case 4:
                Look<uint>(colors, source, target);
                break;
            default:
                for (int i = 0; i < source.Length; i++)
                {
                    int at = source[i] * 3;
                    target[3 * i] = colors[at];
                    target[(3 * i) + 1] = colors[at + 1];
                    target[(3 * i) + 2] = colors[at + 2];
                }

                break;
        }
    }

    private static void Fill(byte[] rgba, PixelFormat to, byte[] colors)
    {
        if (to == PixelFormat.Rgba)
        {
            rgba.CopyTo(colors, 0);
        }
        else if (to == PixelFormat.Bit)
        {
            // A palette becomes black and white by threshold; only true colours are dithered.
            for (int i = 0; i < 256; i++)
            {
                int luma = ColorConversions.LumaThousand(rgba[4 * i], rgba[(4 * i) + 1], rgba[(4 * i) + 2]);
                colors[i] = luma >= 128000 ? (byte)255 : (byte)0;
            }
        }
        else if (PixelConversions.Find(PixelFormat.Rgba, to) is { } direct)
        {
            direct(rgba, colors);
        }
        else
        {
            byte[] rgb = new byte[256 * 3];
            ColorConversions.RgbaToRgb(rgba, rgb);
            PixelConversions.Find(PixelFormat.Rgb, to)!(rgb, colors);
        }
    }

    private static void Look<T>(byte[] colors, ReadOnlySpan<byte> source, Span<byte> target)
        where T : unmanaged
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(colors);
        Span<T> to = MemoryMarshal.Cast<byte, T>(target);
        for (int i = 0; i < source.Length; i++)
        {
            to[i] = from[source[i]];
        }
    }
}
