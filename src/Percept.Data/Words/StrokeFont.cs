using Percept.Media;

namespace Percept.Data;

/// <summary>Letters, digits and signs as lines on a grid: columns 0 to 4, rows 0 (tops of capitals) to 6 (feet) and 8 (tails).</summary>
internal static class StrokeFont
{
    /// <summary>Columns from a letter to the next.</summary>
    internal const double Advance = 5.6;

    /// <summary>Rows from the tops of capitals to tails.</summary>
    internal const double Height = 8;

    /// <summary>All letters that there are, digits first.</summary>
    internal const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,!?-:+/'";

    // A place is a column and a row; lines are parted by semicolons; a single place is a dot.
    private static readonly string[] s_glyphs =
    [
        "10 30 41 45 36 16 05 01 10;14 32", "11 20 26;16 36", "01 10 30 41 42 06 46", "01 10 30 41 42 33 44 45 36 16 05;23 33",
        "36 30 04 44", "40 00 02 32 43 45 36 16 05", "41 30 10 01 05 16 36 45 44 33 13 04", "00 40 16",
        "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33", "05 16 36 45 41 30 10 01 02 13 33 42",
        "06 20 46;14 34", "06 00 30 41 42 33 03;33 44 45 36 06", "41 30 10 01 05 16 36 45", "06 00 20 41 45 26 06",
        "40 00 06 46;03 33", "40 00 06;03 33", "41 30 10 01 05 16 36 45 43 23", "00 06;40 46;03 43", "10 30;20 26;16 36",
        "20 40;30 35 26 16 05", "00 06;40 03 46", "00 06 46", "06 00 23 40 46", "06 00 46 40", "10 30 41 45 36 16 05 01 10",
        "06 00 30 41 42 33 03", "10 30 41 45 36 16 05 01 10;24 46", "06 00 30 41 42 33 03;23 46",
        "41 30 10 01 02 13 33 44 45 36 16 05", "00 40;20 26", "00 05 16 36 45 40", "00 26 40", "00 16 23 36 40",
        "00 46;40 06", "00 23 40;23 26", "00 40 06 46",
        "43 32 12 03 05 16 36 45;42 46", "00 06;03 12 32 43 45 36 16 05", "43 32 12 03 05 16 36 45",
        "40 46;43 32 12 03 05 16 36 45", "04 44 43 32 12 03 05 16 36 45", "41 30 21 26;12 42",
        "42 47 38 18 07;43 32 12 03 05 16 36 45", "00 06;03 12 32 43 46", "22 26;20", "32 37 28 18;30", "00 06;42 04 46",
        "20 25 36", "06 02;03 12 23 26;23 32 43 46", "02 06;03 12 32 43 46", "12 32 43 45 36 16 05 03 12",
        "02 08;03 12 32 43 45 36 16 05", "42 48;43 32 12 03 05 16 36 45", "02 06;03 12 32 43",
        "43 32 12 03 14 34 45 36 16 05", "10 15 26 36;02 32", "02 05 16 36 45;42 46", "02 26 42", "02 16 23 36 42",
        "02 46;42 06", "02 26;42 18", "02 42 06 46",
        "26", "26 17", "20 24;26", "01 10 30 41 42 23 24;26", "14 34", "23;26", "22 26;04 44", "06 40", "20 21",
    ];

    private static readonly ImagePoint[][][] s_lines = [.. s_glyphs.Select(Lines)];

    /// <summary>Columns that a text of so many letters takes.</summary>
    /// <param name="letters">How many letters, spaces too.</param>
    internal static double Width(int letters) => (letters * Advance) - (Advance - 4);

    /// <summary>The lines of a letter; none for a space.</summary>
    /// <exception cref="ArgumentException">There is no such letter.</exception>
    internal static ReadOnlySpan<ImagePoint[]> Of(char letter)
    {
        if (letter == ' ')
        {
            return [];
        }

        int index = Letters.IndexOf(letter, StringComparison.Ordinal);
        return index >= 0
            ? s_lines[index]
            : throw new ArgumentException($"There is no letter '{letter}'; there are {Letters}", nameof(letter));
    }

    private static ImagePoint[][] Lines(string glyph) =>
    [
        .. glyph.Split(';').Select(line => line.Split(' ').Select(p => new ImagePoint(p[0] - '0', p[1] - '0')).ToArray()),
    ];
}
