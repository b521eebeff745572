using Percept.Media;

namespace Percept.Data;

/// <summary>The outlines of shapes.</summary>
internal static class SceneOutlines
{
    /// <summary>The part of a ring's radius that is its hole.</summary>
    internal const double Hole = 0.55;

    private static readonly ImagePoint[][] s_outlines =
    [
        [], Square(), Triangle(), Star(), [new(0, -1), new(0.72, 0), new(0, 1), new(-0.72, 0)], Cross(), Heart(), [],
    ];

    /// <summary>The corners of a thing in the picture; empty for circles and rings.</summary>
    internal static ImagePoint[] Of(SceneObject thing)
    {
        ImagePoint[] unit = s_outlines[(int)thing.Shape];
        var places = new ImagePoint[unit.Length];
        (double sin, double cos) = Math.SinCos(thing.Turn);
        for (int i = 0; i < unit.Length; i++)
        {
            (double x, double y) = (unit[i].X * thing.Radius, unit[i].Y * thing.Radius);
            places[i] = new ImagePoint(thing.X + (x * cos) - (y * sin), thing.Y + (x * sin) + (y * cos));
        }

        return places;
    }

    internal static ImageBox Box(SceneObject thing)
    {
        ImagePoint[] outline = Of(thing);
        return outline.Length == 0
            ? new ImageBox(thing.X - thing.Radius, thing.Y - thing.Radius, thing.X + thing.Radius, thing.Y + thing.Radius)
            : new ImageBox(outline.Min(p => p.X), outline.Min(p => p.Y), outline.Max(p => p.X), outline.Max(p => p.Y));
    }

    private static ImagePoint[] Square() => [new(-0.88, -0.88), new(0.88, -0.88), new(0.88, 0.88), new(-0.88, 0.88)];

    private static ImagePoint[] Triangle() => [new(0, -1), new(1, 0.85), new(-1, 0.85)];

    private static ImagePoint[] Star() =>
    [
        .. Enumerable.Range(0, 10).Select(i =>
        {
            double radius = i % 2 == 0 ? 1 : 0.42;
            (double sin, double cos) = Math.SinCos(Math.PI * i / 5);
            return new ImagePoint(radius * sin, -radius * cos);
        }),
    ];

    private static ImagePoint[] Cross()
    {
        const double Arm = 0.33;
        return
        [
            new(-Arm, -1), new(Arm, -1), new(Arm, -Arm), new(1, -Arm), new(1, Arm), new(Arm, Arm),
            new(Arm, 1), new(-Arm, 1), new(-Arm, Arm), new(-1, Arm), new(-1, -Arm), new(-Arm, -Arm),
        ];
    }

    // Two half circles beside each other over a tip.
    private static ImagePoint[] Heart()
    {
        var places = new List<ImagePoint>();
        for (int i = 0; i <= 8; i++)
        {
            (double sin, double cos) = Math.SinCos(Math.PI * (1 - (i / 8.0)));
            places.Add(new ImagePoint(-0.5 + (0.5 * cos), -0.35 - (0.5 * sin)));
        }

        for (int i = 1; i <= 8; i++)
        {
            (double sin, double cos) = Math.SinCos(Math.PI * (1 - (i / 8.0)));
            places.Add(new ImagePoint(0.5 + (0.5 * cos), -0.35 - (0.5 * sin)));
        }

        places.Add(new ImagePoint(0.82, 0.1));
        places.Add(new ImagePoint(0, 0.95));
        places.Add(new ImagePoint(-0.82, 0.1));
        return [.. places];
    }
}
