using Percept.Media;

namespace Percept.Models;

/// <summary>Gemma 3: the whole picture, then on demand crops along its longer side ("pan and scan"), each resized alone.</summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_pil_gemma3.py</c>.</remarks>
internal sealed class Gemma3ImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly bool _pans;
    private readonly int? _minCrop;
    private readonly int? _maxCrops;
    private readonly double _minRatio;
    private readonly int? _tokens;

    internal Gemma3ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps { Size = SizeSetting.Square(224) });
        _table = PixelTable.OfNumpy(_steps);
        _pans = settings.Flag("do_pan_and_scan", false);
        _minCrop = settings.IntOrNone("pan_and_scan_min_crop_size");
        _maxCrops = settings.IntOrNone("pan_and_scan_max_num_crops");
        _minRatio = settings.Number("pan_and_scan_min_ratio_to_activate", double.NaN);
        _tokens = settings.IntOrNone("image_seq_length", 256);
        if (_pans && (_minCrop is null || _maxCrops is null || double.IsNaN(_minRatio)))
        {
            throw new InvalidDataException(
                "'do_pan_and_scan' needs 'pan_and_scan_min_crop_size', 'pan_and_scan_max_num_crops' and " +
                "'pan_and_scan_min_ratio_to_activate'.");
        }
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        ImageSize grid = _pans ? Crops(height, width, _minCrop!.Value, _maxCrops!.Value, _minRatio) : default;
        int crops = checked((int)grid.Area);
        ImageSize resized = Resized(new(height, width));
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = resized,
            Tile = resized,
            Grid = crops == 0 ? new(1, 1) : grid,
            Tiles = 1 + crops,
            Tokens = _tokens * (1 + crops),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        (int Image, ImageSize At, ImageSize Size)[] parts = [.. plans.SelectMany(Parts)];
        PixelStack.Add(
            inputs, "pixel_values", [.. parts.Select(part => Resized(part.Size))], null, _table,
            (index, size, target) =>
            {
                (int image, ImageSize at, ImageSize part) = parts[index];
                Image rgb = PixelSteps.ToRgb(batch.Images[image], _steps);
                rgb = PixelSteps.Cut(rgb, at.Width, at.Height, part.Width, part.Height);
                PixelWriter.Whole(PixelSteps.Resize(rgb, size, _steps.Resample), _table, target);
            });
        inputs.AddIntegers("num_crops", [.. plans.Select(static plan => plan.Tiles - 1)]);
    }

    /// <summary>How a picture is cut: rows and columns of crops, 0×0 for not at all.</summary>
    internal static ImageSize Crops(int height, int width, int minCrop, int maxCrops, double minRatio)
    {
        bool wide = width >= height;
        (int longer, int shorter) = wide ? (width, height) : (height, width);
        double ratio = (double)longer / shorter;
        if (ratio < minRatio)
        {
            return default;
        }

        int count = Math.Min(longer / minCrop, SizeRules.Floor(ratio + 0.5));
        count = Math.Min(maxCrops, Math.Max(2, count));
        int crop = CropSide(longer, count);
        return Math.Min(crop, shorter) < minCrop ? default : wide ? new(1, count) : new(count, 1);
    }

    /// <summary>The side of each crop; the last one is shorter where it does not come out even.</summary>
    internal static int CropSide(int longer, int count) => (longer + count - 1) / count;

    private ImageSize Resized(ImageSize part) =>
        _steps.Resize ? SizeRules.Target(_steps.Size, part.Height, part.Width) : part;

    /// <summary>The parts of a picture that go to the encoder: the whole, then its crops row by row.</summary>
    internal static IEnumerable<(int Image, ImageSize At, ImageSize Size)> Parts(ImagePlan plan, int image)
    {
        yield return (image, default, plan.Source);
        if (plan.Tiles == 1)
        {
            yield break;
        }

        int height = CropSide(plan.Source.Height, plan.Grid.Height);
        int width = CropSide(plan.Source.Width, plan.Grid.Width);
        for (int row = 0; row < plan.Grid.Height; row++)
        {
            for (int column = 0; column < plan.Grid.Width; column++)
            {
                var at = new ImageSize(row * height, column * width);
                yield return (image, at, new(
                    Math.Min(height, plan.Source.Height - at.Height), Math.Min(width, plan.Source.Width - at.Width)));
            }
        }
    }
}
