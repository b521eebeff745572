using System.Text.Json;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Qwen2-VL, Qwen2.5-VL, Qwen3-VL and GLM-4V: sides that are multiples of a merged patch, pictures as rows of patches
/// ordered by merge blocks.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_qwen2_vl.py</c>, <c>image_processing_pil_glm4v.py</c>. Rows
/// are (block row, block column, row in block, column in block), columns (channel, time, row, column); a picture is
/// repeated over the frames of a temporal patch. <c>size</c> holds numbers of pixels.
/// </remarks>
internal sealed class Qwen2VlImageFamily : IImageFamily
{
    private readonly bool _isGlm;
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _patch;
    private readonly int _temporal;
    private readonly int _merge;

    internal Qwen2VlImageFamily(SettingsReader settings, bool isGlm)
    {
        _isGlm = isGlm;
        _steps = ImageSteps.Read(
            settings,
            new ImageSteps
            {
                Resample = ResampleKind.Bicubic,
                Mean = ImageMeans.Clip,
                Deviation = ImageMeans.ClipDeviation,
                SquareSize = false,
            },
            Bounds(settings, isGlm));
        _table = PixelTable.OfNumpy(_steps);
        _patch = settings.Int("patch_size", 14);
        _temporal = settings.Int("temporal_patch_size", 2);
        _merge = settings.Int("merge_size", 2);
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize resized = Target(height, width);
        var patches = new ImageSize(resized.Height / _patch, resized.Width / _patch);
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = resized,
            Tile = resized,
            Patches = patches,
            Tokens = checked((int)(patches.Area / (_merge * _merge))),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] grids = [.. plans.Select(plan => plan.Patches!.Value)];
        int columns = checked(3 * _temporal * _patch * _patch);
        Tensor rows = PixelStack.Zeros(checked((int)grids.Sum(static grid => grid.Area)), columns);
        Span<float> values = rows.Writable<float>();
        var order = new MergedPatches(_patch, _merge);
        for (int i = 0; i < plans.Length; i++)
        {
            Image rgb = PixelSteps.Resize(PixelSteps.ToRgb(batch.Images[i], _steps), plans[i].Resized, _steps.Resample);
            int length = checked((int)grids[i].Area * columns);
            Image[] frames = [.. Enumerable.Repeat(rgb, _temporal)];
            order.Write(frames, grids[i], _table, values[..length]);
            values = values[length..];
        }

        inputs.AddPixels("pixel_values", rows, _table);
        inputs.AddIntegers("image_grid_thw", [.. grids.Select(static grid => new[] { 1, grid.Height, grid.Width })]);
    }

    /// <summary>
    /// The bounds of a picture's pixels: <c>size</c>, or the older <c>min_pixels</c> and <c>max_pixels</c>.
    /// </summary>
    private static SizeSetting Bounds(SettingsReader settings, bool isGlm)
    {
        SizeSetting bounds = isGlm ? SizeSetting.Edges(112 * 112, 28 * 28 * 15000) : SizeSetting.Edges(56 * 56, 28 * 28 * 1280);
        if (settings.FindInFile("size") is { } size)
        {
            bounds = SizeSetting.Read("size", size, square: false);
        }

        if (!isGlm)
        {
            int? least = Pixels("min_pixels", settings.FindInFile("min_pixels"));
            int? most = Pixels("max_pixels", settings.FindInFile("max_pixels"));
            bounds = SizeSetting.Edges(least ?? bounds.ShortestEdge, most ?? bounds.LongestEdge);
        }

        if (settings.FindOverride("size") is { } other)
        {
            bounds = SizeSetting.Read("size", other, square: false);
        }

        if (!isGlm)
        {
            // At the call the reference takes these two only together.
            int? least = Pixels("min_pixels", settings.FindOverride("min_pixels"));
            int? most = Pixels("max_pixels", settings.FindOverride("max_pixels"));
            bounds = least is not null && most is not null ? SizeSetting.Edges(least, most) : bounds;
        }

        return SmartResize.CheckBounds(bounds);
    }

    /// <summary>A number of pixels.</summary>
    internal static int? Pixels(string name, JsonElement? value) => value is not { } given ? null
        : JsonSettings.TryInt(given, out int pixels) && pixels > 0
            ? pixels
            : throw new InvalidDataException($"The setting '{name}' is {given.GetRawText()}, expected a number of pixels.");

    private ImageSize Target(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        int factor = checked(_patch * _merge);
        if (!_steps.Resize)
        {
            return SmartResize.AsItIs(height, width, factor, "A picture");
        }

        int least = _steps.Size.ShortestEdge!.Value;
        int most = _steps.Size.LongestEdge!.Value;
        return _isGlm
            ? SmartResize.OfGlm(_temporal, height, width, _temporal, factor, least, most)
            : SmartResize.OfQwen(height, width, factor, least, most);
    }
}
