using Percept.Media;

namespace Percept.Models;

/// <summary>
/// Writes RGB pictures as numbers, channel after channel: the one pass between bytes and a model's input. Cropping,
/// padding and cutting into tiles are places in this pass, not pictures of their own.
/// </summary>
internal static class PixelWriter
{
    /// <summary>Writes the part of a picture that lies on a tile of a canvas.</summary>
    /// <param name="image">An RGB picture.</param>
    /// <param name="at">The row and column of the canvas where the picture begins; may be negative.</param>
    /// <param name="tileAt">The row and column of the canvas where the tile begins.</param>
    /// <param name="tile">The tile's size.</param>
    /// <param name="table">What samples become.</param>
    /// <param name="target">The tile, 3 × height × width. What the picture does not cover is left as it is.</param>
    internal static void Tile(
        Image image, (int Row, int Column) at, (int Row, int Column) tileAt, ImageSize tile, PixelTable table, Span<float> target)
    {
        int plane = tile.Height * tile.Width;
        int y0 = at.Row - tileAt.Row;
        int x0 = at.Column - tileAt.Column;
        int left = Math.Max(0, x0);
        int width = Math.Min(tile.Width, x0 + image.Width) - left;
        int bottom = Math.Min(tile.Height, y0 + image.Height);
        if (width <= 0)
        {
            return;
        }

        for (int y = Math.Max(0, y0); y < bottom; y++)
        {
            ReadOnlySpan<byte> source = image.Row(y - y0).Slice((left - x0) * 3, width * 3);
            int begin = (y * tile.Width) + left;
            Planes(
                source, table, target.Slice(begin, width), target.Slice(begin + plane, width),
                target.Slice(begin + (2 * plane), width));
        }
    }

    /// <summary>Writes a whole picture.</summary>
    internal static void Whole(Image image, PixelTable table, Span<float> target) =>
        Tile(image, (0, 0), (0, 0), new(image.Height, image.Width), table, target);

    /// <summary>Fills planes with what a colour becomes.</summary>
    internal static void Fill(Span<float> target, PixelTable table, byte color)
    {
        int plane = target.Length / 3;
        for (int channel = 0; channel < 3; channel++)
        {
            target.Slice(channel * plane, plane).Fill(table.Channel(channel)[color]);
        }
    }

    /// <summary>Interleaved samples to one run of numbers for each channel.</summary>
    internal static void Planes(
        ReadOnlySpan<byte> source, PixelTable table, Span<float> red, Span<float> green, Span<float> blue)
    {
        ReadOnlySpan<float> reds = table.Red;
        ReadOnlySpan<float> greens = table.Green;
        ReadOnlySpan<float> blues = table.Blue;
        green = green[..red.Length];
        blue = blue[..red.Length];
        for (int i = 0; i < red.Length; i++)
        {
            int at = 3 * i;
            red[i] = reds[source[at]];
            green[i] = greens[source[at + 1]];
            blue[i] = blues[source[at + 2]];
        }
    }

    /// <summary>Interleaved samples to interleaved numbers.</summary>
    internal static void Interleaved(ReadOnlySpan<byte> source, PixelTable table, Span<float> target)
    {
        ReadOnlySpan<float> reds = table.Red;
        ReadOnlySpan<float> greens = table.Green;
        ReadOnlySpan<float> blues = table.Blue;
        for (int i = 0; i + 2 < source.Length; i += 3)
        {
            target[i] = reds[source[i]];
            target[i + 1] = greens[source[i + 1]];
            target[i + 2] = blues[source[i + 2]];
        }
    }
}
