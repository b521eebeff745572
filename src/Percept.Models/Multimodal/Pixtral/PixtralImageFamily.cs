using Percept.Media;

namespace Percept.Models;

/// <summary>Pixtral and Mistral 3: pictures are shrunk to a longer side, never enlarged, then brought up to whole patches.</summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_pil_pixtral.py</c>; a call's pictures are padded with zeros.</remarks>
internal sealed class PixtralImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly ImageSize _patch;
    private readonly int _merge;

    internal PixtralImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            Resample = ResampleKind.Bicubic,
            Mean = ImageMeans.Clip,
            Deviation = ImageMeans.ClipDeviation,
            Size = SizeSetting.Edges(null, 1024),
        });
        _table = PixelTable.OfNumpy(_steps);
        SizeSetting patch = settings.Size("patch_size", SizeSetting.Square(16), square: true);
        _patch = patch.Fixed ?? throw new InvalidDataException($"'patch_size' is {patch}, expected height and width from 1.");
        _merge = settings.Int("spatial_merge_size", 1);
    }

    /// <summary>Shrunk by the greater of both ratios, rounded down; then up to whole patches.</summary>
    internal static ImageSize Target(int height, int width, ImageSize limit, ImageSize patch)
    {
        SizeRules.CheckSource(height, width);
        double ratio = Math.Max((double)height / limit.Height, (double)width / limit.Width);
        if (ratio > 1)
        {
            height = SizeRules.Floor(height / ratio);
            width = SizeRules.Floor(width / ratio);
        }

        return new(Up(height, patch.Height), Up(width, patch.Width));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        ImageSize resized = new(height, width);
        if (_steps.Resize)
        {
            // With a merge size the processor around aligns to merged patches.
            var patch = new ImageSize(_patch.Height * _merge, _patch.Width * _merge);
            resized = SizeRules.Check(Target(height, width, Limit, patch), height, width, $"size {_steps.Size}");
        }

        ImageSize canvas = _steps.Crop ?? resized;
        var patches = new ImageSize(canvas.Height / _patch.Height, canvas.Width / _patch.Width);
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = canvas,
            Tile = canvas,
            Patches = patches,

            // Each row ends with a break, the last with the end of the picture.
            Tokens = checked(patches.Height / _merge * ((patches.Width / _merge) + 1)),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] sizes = [.. plans.Select(static plan => plan.Canvas)];
        PixelStack.Add(
            inputs, "pixel_values", sizes, PixelStack.PaddedSize(sizes, null), _table, (index, tile, target) =>
            {
                Image rgb = PixelSteps.ToRgb(batch.Images[index], _steps);
                rgb = PixelSteps.Resize(rgb, plans[index].Resized, _steps.Resample);
                rgb = _steps.Crop is { } crop ? PixelSteps.CenterCrop(rgb, crop) : rgb;
                PixelWriter.Tile(rgb, (0, 0), (0, 0), tile, _table, target);
            });
        inputs.AddSizes("image_sizes", sizes);
    }

    private ImageSize Limit => _steps.Size.LongestEdge is { } longest and > 0
        ? new(longest, longest)
        : _steps.Size.Fixed ?? throw new InvalidDataException(
            $"'size' is {_steps.Size}, expected longest_edge, or height and width.");

    /// <summary>Up to a multiple; a side of 0 stays 0.</summary>
    private static int Up(int side, int patch) => side == 0 ? 0 : checked((((side - 1) / patch) + 1) * patch);
}
