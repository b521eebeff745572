namespace Percept.Media;

/// <summary>A colour to draw with.</summary>
/// <param name="Red">Red, 0 to 255.</param>
/// <param name="Green">Green, 0 to 255.</param>
/// <param name="Blue">Blue, 0 to 255.</param>
/// <param name="Alpha">How much it covers: 255 hides what is below.</param>
public readonly record struct ImageColor(byte Red, byte Green, byte Blue, byte Alpha = 255)
{
    private static readonly ImageColor[] s_series =
    [
        new(230, 25, 75), new(60, 180, 75), new(0, 130, 200), new(245, 130, 48), new(145, 30, 180), new(0, 160, 160),
        new(240, 50, 230), new(150, 110, 20), new(128, 0, 0), new(0, 0, 128), new(90, 140, 0), new(100, 100, 100),
    ];

    /// <summary>Black or white, whichever stands out more on this colour.</summary>
    public ImageColor Contrast => (299 * Red) + (587 * Green) + (114 * Blue) > 140_000
        ? new ImageColor(0, 0, 0)
        : new ImageColor(255, 255, 255);

    /// <summary>One of twelve colours that are easy to tell apart; they repeat.</summary>
    /// <param name="index">The number of the thing that is drawn, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static ImageColor OfSeries(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return s_series[index % s_series.Length];
    }

    /// <summary>The same colour with another alpha.</summary>
    /// <param name="alpha">How much it covers.</param>
    public ImageColor WithAlpha(byte alpha) => this with { Alpha = alpha };

    /// <summary>Red, green, blue and alpha in hexadecimal digits: <c>#0099ffff</c>.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}{Alpha:x2}";
}
