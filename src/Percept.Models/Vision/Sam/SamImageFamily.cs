using Percept.Media;

namespace Percept.Models;

/// <summary>SAM: the longer side becomes the size; padded at the right and bottom with 0 after normalisation.</summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_pil_sam.py</c>. Sides are <c>int(side · scale + 0.5)</c>.</remarks>
internal sealed class SamImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;

    internal SamImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            Mean = ImageMeans.ImageNet,
            Deviation = ImageMeans.ImageNetDeviation,
            Size = SizeSetting.Edges(null, 1024),
            Pad = true,
            PadSize = SizeSetting.Square(1024),
        });
        _table = PixelTable.OfNumpy(_steps);

        // These two concern masks only.
        settings.Find("mask_size");
        settings.Find("mask_pad_size");
    }

    internal static ImageSize Target(int height, int width, int longest)
    {
        SizeRules.CheckSource(height, width);
        double scale = (double)longest / Math.Max(height, width);
        return new(SizeRules.Truncate((height * scale) + 0.5), SizeRules.Truncate((width * scale) + 0.5));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = !_steps.Resize ? source
            : _steps.Size.LongestEdge is { } longest and > 0
                ? SizeRules.Check(Target(height, width, longest), height, width, $"size {_steps.Size}")
                : throw new InvalidDataException($"'size' is {_steps.Size}, expected longest_edge.");
        ImageSize part = _steps.Crop ?? resized;
        ImageSize canvas = _steps.Pad && _steps.PadSize is { } pad ? PixelStack.PaddedSize([part], pad) : part;
        return new ImagePlan { Source = source, Resized = resized, Canvas = canvas, Tile = canvas };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] sizes = [.. plans.Select(static plan => plan.Canvas)];
        ImageSize? padded = _steps.Pad ? PixelStack.PaddedSize(sizes, null) : null;
        PixelStack.Add(inputs, "pixel_values", sizes, padded, _table, (index, tile, target) =>
        {
            Image rgb = PixelSteps.ToRgb(batch.Images[index], _steps);
            rgb = PixelSteps.Resize(rgb, plans[index].Resized, _steps.Resample);
            rgb = _steps.Crop is { } crop ? PixelSteps.CenterCrop(rgb, crop) : rgb;
            PixelWriter.Tile(rgb, (0, 0), (0, 0), tile, _table, target);
        });
        inputs.AddSizes("original_sizes", plans.Select(static plan => plan.Source));
        inputs.AddSizes("reshaped_input_sizes", plans.Select(static plan => plan.Resized));
    }
}
