using Percept.Media;

namespace Percept.Models;

/// <summary>DETR and Grounding DINO: a shorter side with a bound for the longer one; a call's pictures padded, with a mask.</summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_detr.py</c>, <c>image_processing_pil_grounding_dino.py</c>. Padding
/// is 0 after normalisation.
/// </remarks>
internal sealed class DetrImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;

    internal DetrImageFamily(SettingsReader settings)
    {
        bool pads = settings.Flag("pad_and_return_pixel_mask", true);
        _steps = ImageSteps.Read(
            settings,
            new ImageSteps
            {
                ConvertRgb = false,
                Mean = ImageMeans.ImageNet,
                Deviation = ImageMeans.ImageNetDeviation,
                SquareSize = false,
                Pad = pads,
            },
            Bounds(settings));
        _table = PixelTable.OfNumpy(_steps);

        // These two concern annotations only.
        settings.Find("format");
        settings.Find("do_convert_annotations");
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = source;
        if (_steps.Resize)
        {
            resized = _steps.Size is { ShortestEdge: > 0, LongestEdge: null }
                ? throw new InvalidDataException($"'size' is {_steps.Size}, expected longest_edge beside shortest_edge.")
                : SizeRules.Target(_steps.Size, height, width);
        }

        return new ImagePlan { Source = source, Resized = resized, Canvas = resized, Tile = resized };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] sizes = [.. plans.Select(static plan => plan.Canvas)];
        ImageSize? padded = _steps.Pad ? PixelStack.PaddedSize(sizes, _steps.PadSize) : null;
        PixelStack.Add(inputs, "pixel_values", sizes, padded, _table, (index, tile, target) => PixelWriter.Tile(
            PixelSteps.Resize(PixelSteps.ToRgb(batch.Images[index], _steps), plans[index].Resized, _steps.Resample),
            (0, 0), (0, 0), tile, _table, target));
        if (padded is { } size)
        {
            inputs.Add("pixel_mask", PixelStack.Masks([sizes.Length], sizes, size));
        }
    }

    /// <summary>The size; a number in the file takes the older <c>max_size</c> beside it.</summary>
    private static SizeSetting Bounds(SettingsReader settings)
    {
        int longest = settings.Int("max_size", 1333);
        SizeSetting bounds = settings.FindInFile("size") is { } size
            ? SizeSetting.Read("size", size, square: false, longest)
            : SizeSetting.Edges(800, 1333);
        return settings.FindOverride("size") is { } other ? SizeSetting.Read("size", other, square: false) : bounds;
    }
}
