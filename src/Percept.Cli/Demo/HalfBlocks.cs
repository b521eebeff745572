using System.Globalization;
using System.Text;
using Percept.Media;

namespace Percept.Cli;

/// <summary>
/// Pictures as coloured letters of a terminal: each letter is an upper half block whose colour is one pixel and whose background is the
/// pixel below it.
/// </summary>
internal static class HalfBlocks
{
    private const string Off = "\e[0m";
    private const int Between = 2;

    /// <summary>The lines of several pictures side by side.</summary>
    /// <param name="pictures">The pictures.</param>
    /// <param name="columns">Letters of each.</param>
    internal static IReadOnlyList<string> Lines(IReadOnlyList<Image> pictures, int columns)
    {
        Image[] small = [.. pictures.Select(picture => Shrink(picture, columns))];
        int rows = small.Max(picture => picture.Height) / 2;
        var lines = new string[rows];
        var line = new StringBuilder();
        for (int row = 0; row < rows; row++)
        {
            line.Clear();
            foreach (Image picture in small)
            {
                line.Append(' ', Between);
                Append(line, picture, row);
            }

            lines[row] = line.ToString();
        }

        return lines;
    }

    private static Image Shrink(Image picture, int columns)
    {
        // Rows of pixels in pairs.
        int height = Math.Max(2, 2 * (int)Math.Round(columns * (double)picture.Height / picture.Width / 2));
        return picture.Convert(PixelFormat.Rgb).Resize(columns, height, ResampleFilter.Lanczos);
    }

    private static void Append(StringBuilder line, Image picture, int row)
    {
        if (2 * row >= picture.Height)
        {
            line.Append(' ', picture.Width);
            return;
        }

        ReadOnlySpan<byte> upper = picture.Row(2 * row), lower = picture.Row((2 * row) + 1);
        for (int x = 0; x < upper.Length; x += 3)
        {
            line.Append(
                CultureInfo.InvariantCulture,
                $"\e[38;2;{upper[x]};{upper[x + 1]};{upper[x + 2]};48;2;{lower[x]};{lower[x + 1]};{lower[x + 2]}m▀");
        }

        line.Append(Off);
    }
}
