using System.Globalization;
using System.Text;
using Percept.Media;

namespace Percept.Cli;

/// <summary>Pictures as Sixel, which some terminals draw: bands of six rows, a letter for each column of a colour.</summary>
/// <remarks>DEC STD 070, chapter 9. Colours are those of a cube of 6×6×6.</remarks>
internal static class SixelText
{
    private const int Levels = 6;
    private const int Band = 6;

    /// <summary>The text that draws a picture.</summary>
    /// <param name="picture">The picture.</param>
    internal static string Of(Image picture)
    {
        Image rgb = picture.Convert(PixelFormat.Rgb);
        var text = new StringBuilder("\ePq");
        text.Append(CultureInfo.InvariantCulture, $"\"1;1;{rgb.Width};{rgb.Height}");
        byte[] colors = Colors(rgb);
        foreach (byte color in colors.Distinct().Order())
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"#{color};2;{Percent(color / (Levels * Levels))};{Percent(color / Levels % Levels)};{Percent(color % Levels)}");
        }

        for (int top = 0; top < rgb.Height; top += Band)
        {
            AppendBand(text, colors, rgb.Width, top, Math.Min(Band, rgb.Height - top));
        }

        return text.Append("\e\\").ToString();
    }

    private static int Percent(int level) => level * 100 / (Levels - 1);

    private static byte[] Colors(Image rgb)
    {
        byte[] colors = new byte[rgb.Width * rgb.Height];
        for (int y = 0; y < rgb.Height; y++)
        {
            ReadOnlySpan<byte> row = rgb.Row(y);
            for (int x = 0; x < rgb.Width; x++)
            {
                colors[(y * rgb.Width) + x] =
                    (byte)((((Level(row[3 * x]) * Levels) + Level(row[(3 * x) + 1])) * Levels) + Level(row[(3 * x) + 2]));
            }
        }

        return colors;

        static int Level(byte value) => ((value * (Levels - 1)) + (byte.MaxValue / 2)) / byte.MaxValue;
    }

    private static void AppendBand(StringBuilder text, byte[] colors, int width, int top, int rows)
    {
        byte[] there = [.. colors.AsSpan(top * width, rows * width).ToArray().Distinct().Order()];
        for (int i = 0; i < there.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{there[i]}");
            int run = 0;
            char before = '\0';
            for (int x = 0; x < width; x++)
            {
                int bits = 0;
                for (int row = 0; row < rows; row++)
                {
                    bits |= colors[((top + row) * width) + x] == there[i] ? 1 << row : 0;
                }

                char letter = (char)('?' + bits);
                if (letter != before && run > 0)
                {
                    AppendRun(text, before, run);
                    run = 0;
                }

                before = letter;
                run++;
            }

            AppendRun(text, before, run);

            // Back to the first column for the next colour, down after the last.
            text.Append(i + 1 < there.Length ? '$' : '-');
        }
    }

    private static void AppendRun(StringBuilder text, char letter, int run)
    {
        if (run > 3)
        {
            text.Append(CultureInfo.InvariantCulture, $"!{run}{letter}");
        }
        else
        {
            text.Append(letter, run);
        }
    }
}
