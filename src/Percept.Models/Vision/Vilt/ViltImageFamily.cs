using Percept.Media;

namespace Percept.Models;

/// <summary>ViLT: a shorter side with a longest ratio of 1333 to 800, sides down to multiples of a divisor; padded, with a mask.</summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_pil_vilt.py</c>.</remarks>
internal sealed class ViltImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _divisor;

    internal ViltImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            ConvertRgb = false,
            Resample = ResampleKind.Bicubic,
            Size = SizeSetting.Edges(384),
            SquareSize = false,
            Pad = true,
        });
        _table = PixelTable.OfNumpy(_steps);
        _divisor = settings.Int("size_divisor", 32);
    }

    /// <summary>The longer side at the most for a shorter one.</summary>
    internal static int Longest(int shorter) => SizeRules.Truncate(1333.0 / 800 * shorter);

    /// <summary>Rounded half up, then down to multiples; a side may come to 0.</summary>
    internal static ImageSize Target(int height, int width, int shorter, int longer, int divisor)
    {
        SizeRules.CheckSource(height, width);
        double scale = (double)shorter / Math.Min(height, width);
        double h = height < width ? shorter : scale * height;
        double w = height < width ? scale * width : shorter;
        double greatest = Math.Max(h, w);
        if (greatest > longer)
        {
            scale = longer / greatest;
            h = scale * h;
            w = scale * w;
        }

        return new(
            SizeRules.Truncate(h + 0.5) / divisor * divisor, SizeRules.Truncate(w + 0.5) / divisor * divisor);
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = source;
        if (_steps.Resize)
        {
            int shorter = _steps.Size.ShortestEdge is { } edge and > 0
                ? edge
                : throw new InvalidDataException($"'size' is {_steps.Size}, expected shortest_edge.");
            resized = SizeRules.Check(
                Target(height, width, shorter, Longest(shorter), _divisor), height, width,
                $"multiples of {_divisor}, longer side at most {Longest(shorter)}");
        }

        return new ImagePlan
        {
            Source = source,
            Resized = resized,
            Canvas = resized,
            Tile = resized,
            Patches = new(resized.Height / _divisor, resized.Width / _divisor),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] sizes = [.. plans.Select(static plan => plan.Canvas)];
        ImageSize? padded = _steps.Pad ? PixelStack.PaddedSize(sizes, null) : null;
        PixelStack.Add(inputs, "pixel_values", sizes, padded, _table, (index, tile, target) => PixelWriter.Tile(
            PixelSteps.Resize(PixelSteps.ToRgb(batch.Images[index], _steps), plans[index].Resized, _steps.Resample),
            (0, 0), (0, 0), tile, _table, target));
        if (padded is { } size)
        {
            inputs.Add("pixel_mask", PixelStack.Masks([sizes.Length], sizes, size));
        }
    }
}
