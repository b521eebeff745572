using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>SigLIP 2 NaFlex: the greatest size of the picture's aspect ratio whose patches fit, as rows of patches.</summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_pil_siglip2.py</c>. Columns are (row, column, channel); rows after the
/// picture's patches are zero and masked.
/// </remarks>
internal sealed class Siglip2ImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _patch;
    private readonly int _maxPatches;

    internal Siglip2ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(
            settings, new ImageSteps { ConvertRgb = false }, default(SizeSetting));
        _table = PixelTable.OfNumpy(_steps);
        _patch = settings.Int("patch_size", 16);
        _maxPatches = settings.Int("max_num_patches", 256);
    }

    /// <summary>The size by halving an interval of scales until it is shorter than 10⁻⁵.</summary>
    internal static ImageSize Target(int height, int width, int patch, int maxPatches)
    {
        const double Tolerance = 1e-5;
        SizeRules.CheckSource(height, width);
        double low = Tolerance / 10;
        double high = 100;
        while (high - low >= Tolerance)
        {
            double middle = (low + high) / 2;
            double patches = (Side(middle, height, patch) / patch) * (Side(middle, width, patch) / patch);
            if (patches <= maxPatches)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return new(
            SizeRules.Truncate(Side(low, height, patch)), SizeRules.Truncate(Side(low, width, patch)));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = _steps.Resize ? Target(height, width, _patch, _maxPatches) : source;
        if (resized.Height % _patch != 0 || resized.Width % _patch != 0)
        {
            throw new ArgumentException(
                $"A picture of {source} has sides that are no multiples of {_patch}, and 'do_resize' is off.");
        }

        var patches = new ImageSize(resized.Height / _patch, resized.Width / _patch);
        return new ImagePlan
        {
            Source = source,
            Resized = resized,
            Canvas = resized,
            Tile = resized,
            Patches = patches,
            Tokens = checked((int)patches.Area),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        int most = Math.Max(_maxPatches, plans.Max(static plan => (int)plan.Patches!.Value.Area));
        if (most > _maxPatches && plans.Any(plan => plan.Patches!.Value.Area != most))
        {
            throw new ArgumentException($"A picture has {most} patches, more than 'max_num_patches' ({_maxPatches}).");
        }

        int columns = checked(_patch * _patch * 3);
        Tensor rows = PixelStack.Zeros(plans.Length, most, columns);
        var mask = new int[plans.Length * most];
        Span<float> values = rows.Writable<float>();
        for (int i = 0; i < plans.Length; i++)
        {
            ImageSize grid = plans[i].Patches!.Value;
            Image rgb = PixelSteps.Resize(PixelSteps.ToRgb(batch.Images[i], _steps), plans[i].Resized, _steps.Resample);
            PatchRows(rgb, grid, values.Slice(i * most * columns, checked((int)grid.Area * columns)));
            mask.AsSpan(i * most, (int)grid.Area).Fill(1);
        }

        inputs.AddPixels("pixel_values", rows, _table);
        inputs.Add("pixel_attention_mask", Tensor.From(mask, [plans.Length, most]));
        inputs.AddSizes("spatial_shapes", plans.Select(static plan => plan.Patches!.Value));
    }

    private static double Side(double scale, int side, int patch) =>
        Math.Max(patch, Math.Ceiling(side * scale / patch) * patch);

    private void PatchRows(Image image, ImageSize grid, Span<float> target)
    {
        int line = _patch * 3;
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                for (int row = 0; row < _patch; row++)
                {
                    PixelWriter.Interleaved(image.Row((y * _patch) + row).Slice(x * line, line), _table, target[..line]);
                    target = target[line..];
                }
            }
        }
    }
}
