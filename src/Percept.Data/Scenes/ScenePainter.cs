using Percept.Media;

namespace Percept.Data;

/// <summary>Paints generated scenes.</summary>
internal static class ScenePainter
{
    /// <summary>A picture that goes over from a colour at the upper left to another at the lower right.</summary>
    internal static Image Ground(int width, int height, ImageColor from, ImageColor to)
    {
        var image = new Image(width, height, PixelFormat.Rgb);
        if (from == to)
        {
            new ImageDrawing(image).FillRectangle(new ImageBox(0, 0, width, height), from);
            return image;
        }

        // The colour depends on column + row alone, so all rows are pieces of one.
        int span = width + height - 1;
        Span<byte> line = new byte[span * 3];
        for (int i = 0; i < span; i++)
        {
            double part = (double)i / (span - 1);
            line[3 * i] = Mix(from.Red, to.Red, part);
            line[(3 * i) + 1] = Mix(from.Green, to.Green, part);
            line[(3 * i) + 2] = Mix(from.Blue, to.Blue, part);
        }

        for (int y = 0; y < height; y++)
        {
            line.Slice(3 * y, 3 * width).CopyTo(image.Row(y));
        }

        return image;
    }

    internal static Image Draw(Scene scene)
    {
        Image image = Ground(scene.Side, scene.Side, scene.GroundFrom, scene.GroundTo);
        var drawing = new ImageDrawing(image);
        foreach (SceneObject thing in scene.Objects)
        {
            switch (thing.Shape)
            {
                case SceneShape.Circle:
                    drawing.FillEllipse(thing.Box, thing.Paint);
                    break;
                case SceneShape.Ring:
                    DrawRing(drawing, thing);
                    break;
                default:
                    drawing.FillPolygon(SceneOutlines.Of(thing), thing.Paint);
                    break;
            }
        }

        return image;
    }

    // The way round outside and back round inside; the seam between them is crossed twice and so fills nothing.
    private static void DrawRing(ImageDrawing drawing, SceneObject thing)
    {
        const int Corners = 48;
        var outline = new ImagePoint[2 * (Corners + 1)];
        for (int i = 0; i <= Corners; i++)
        {
            (double sin, double cos) = Math.SinCos(Math.Tau * (i % Corners) / Corners);
            double hole = SceneOutlines.Hole * thing.Radius;
            outline[i] = new ImagePoint(thing.X + (thing.Radius * cos), thing.Y + (thing.Radius * sin));
            outline[^(i + 1)] = new ImagePoint(thing.X + (hole * cos), thing.Y + (hole * sin));
        }

        drawing.FillPolygon(outline, thing.Paint);
    }

    private static byte Mix(byte from, byte to, double part) => (byte)Math.Round(from + ((to - from) * part));
}
