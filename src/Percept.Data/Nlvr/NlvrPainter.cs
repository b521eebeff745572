using Percept.Media;

namespace Percept.Data;

/// <summary>Paints pictures of NLVR.</summary>
/// <remarks>
/// The originals were painted by a browser with 4×4 samples a pixel, circles as eight quadratic curves of which each was cut into a few
/// chords; the same is done here. Against the published files a pixel at the edge of a circle may differ by one sample, all others by
/// one grey level of rounding.
/// </remarks>
internal static class NlvrPainter
{
    private const int Arcs = 8;

    private static readonly ImageColor s_box = new(211, 211, 211);

    private static readonly ImageColor s_between = new(128, 128, 128);

    private static readonly ImageColor[] s_colors = [new(0, 0, 0), new(255, 255, 0), new(0, 153, 255)];

    internal static Image Draw(NlvrScene scene)
    {
        Image image = ScenePainter.Ground(NlvrScene.Width, NlvrScene.BoxSide, s_between, s_between);
        for (int i = 0; i < scene.Boxes.Count; i++)
        {
            Paint(image, i * NlvrScene.BoxStep, scene.Boxes[i]);
        }

        return image;
    }

    internal static Image DrawBox(IReadOnlyList<NlvrItem> items)
    {
        Image image = ScenePainter.Ground(NlvrScene.BoxSide, NlvrScene.BoxSide, s_box, s_box);
        Paint(image, 0, items);
        return image;
    }

    private static void Paint(Image image, int left, IReadOnlyList<NlvrItem> items)
    {
        var drawing = new ImageDrawing(image);
        Span<ImagePoint> outline = stackalloc ImagePoint[4 * Arcs];
        drawing.FillRectangle(new ImageBox(left, 0, left + NlvrScene.BoxSide, NlvrScene.BoxSide), s_box);
        foreach (NlvrItem item in items)
        {
            (double x, double y, double size) = (left + item.X, item.Y, item.Size);
            ImageColor color = s_colors[(int)item.Color];
            switch (item.Shape)
            {
                case NlvrShape.Square:
                    drawing.FillRectangle(new ImageBox(x, y, x + size, y + size), color);
                    break;
                case NlvrShape.Triangle:
                    drawing.FillPolygon([new(x + (size / 2), y), new(x + size, y + size), new(x, y + size)], color);
                    break;
                default:
                    drawing.FillPolygon(outline[..Circle(outline, x + (size / 2), y + (size / 2), item.Size)], color);
                    break;
            }
        }
    }

    private static int Circle(Span<ImagePoint> outline, double x, double y, int size)
    {
        int chords = size < 30 ? 2 : 4;
        double radius = size / 2.0, control = radius / Math.Cos(Math.PI / Arcs);
        int count = 0;
        for (int arc = 0; arc < Arcs; arc++)
        {
            (double sin0, double cos0) = Math.SinCos(Math.Tau * arc / Arcs);
            (double sin1, double cos1) = Math.SinCos(Math.Tau * (arc + 0.5) / Arcs);
            (double sin2, double cos2) = Math.SinCos(Math.Tau * (arc + 1) / Arcs);
            for (int i = 0; i < chords; i++)
            {
                double t = (double)i / chords, u = 1 - t;
                outline[count++] = new ImagePoint(
                    x + (u * u * radius * cos0) + (2 * t * u * control * cos1) + (t * t * radius * cos2),
                    y + (u * u * radius * sin0) + (2 * t * u * control * sin1) + (t * t * radius * sin2));
            }
        }

        return count;
    }
}
