using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Fuyu: pictures are shrunk to fit, never enlarged, and padded at the right and bottom before rescaling.</summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_pil_fuyu.py</c>. The padding is the sample value
/// <c>padding_value</c>, 1 of 255. A plain list of pictures is as many samples.
/// </remarks>
internal sealed class FuyuImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly ImageSize _limit;
    private readonly ImageSize _patch;
    private readonly byte _padding;

    internal FuyuImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(
            settings, new ImageSteps { ConvertRgb = false, Size = SizeSetting.Of(1080, 1920), Pad = true });
        _table = PixelTable.OfNumpy(_steps);
        _limit = _steps.Size.Fixed
            ?? throw new InvalidDataException($"'size' is {_steps.Size}, expected height and width.");
        SizeSetting patch = settings.Size("patch_size", SizeSetting.Square(30), square: true);
        _patch = patch.Fixed ?? throw new InvalidDataException($"'patch_size' is {patch}, expected height and width from 1.");
        double padding = settings.Number("padding_value", 1);
        string? mode = settings.Text("padding_mode", "constant");
        if (mode != "constant")
        {
            throw new NotSupportedException($"'padding_mode' is '{mode}', only 'constant' is supported.");
        }

        _padding = padding is >= 0 and <= 255
            ? (byte)padding
            : throw new InvalidDataException(FormattableString.Invariant(
                $"'padding_value' is {padding}, expected a sample from 0 to 255."));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = source;
        if (_steps.Resize && (width > _limit.Width || height > _limit.Height))
        {
            double scale = Math.Min((double)_limit.Height / height, (double)_limit.Width / width);
            resized = SizeRules.Check(
                new(SizeRules.Truncate(height * scale), SizeRules.Truncate(width * scale)), height, width, $"within {_limit}");
        }

        ImageSize canvas = resized;
        if (_steps.Pad)
        {
            canvas = resized.Height <= _limit.Height && resized.Width <= _limit.Width
                ? _limit
                : throw new ArgumentException($"A picture of {source} does not fit into {_limit}, and 'do_resize' is off.");
        }

        // Only rows and columns of patches that hold a part of the picture become tokens; each row ends with a newline.
        var patches = new ImageSize(Up(resized.Height, _patch.Height), Up(resized.Width, _patch.Width));
        return new ImagePlan
        {
            Source = source,
            Resized = resized,
            Canvas = canvas,
            Tile = canvas,
            Patches = patches,
            Tokens = checked(patches.Height * (patches.Width + 1)),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        IReadOnlyList<IReadOnlyList<Image>> samples = batch.IsNested
            ? [.. batch.Samples.Where(static sample => sample.Count > 0)]
            : [.. batch.Images.Select(static image => (IReadOnlyList<Image>)[image])];
        int each = samples[0].Count;
        Image[] images = [.. samples.SelectMany(static sample => sample)];
        ImagePlan[] plans = [.. images.Select(image => Plan(image.Height, image.Width))];
        if (samples.Any(sample => sample.Count != each) || plans.Any(plan => plan.Canvas != plans[0].Canvas))
        {
            throw new ArgumentException("Samples must have equally many pictures, and pictures one size, or 'do_pad' on.");
        }

        Tensor pixels = PixelStack.Equal([samples.Count, each], plans[0].Canvas, (index, tile, target) =>
        {
            PixelWriter.Fill(target, _table, _padding);
            Image rgb = PixelSteps.Resize(PixelSteps.ToRgb(images[index], _steps), plans[index].Resized, _steps.Resample);
            PixelWriter.Tile(rgb, (0, 0), (0, 0), tile, _table, target);
        });
        inputs.AddPixels("images", pixels, _table);

        // The reference tells the sizes of each sample's first picture.
        ImagePlan[] firsts = [.. Enumerable.Range(0, samples.Count).Select(i => plans[i * each])];
        inputs.AddIntegers("image_unpadded_heights", [.. firsts.Select(static plan => new[] { plan.Resized.Height })]);
        inputs.AddIntegers("image_unpadded_widths", [.. firsts.Select(static plan => new[] { plan.Resized.Width })]);
        float[] factors = [.. firsts.Select(static plan => (float)((double)plan.Resized.Height / plan.Source.Height))];
        inputs.Add("image_scale_factors", Tensor.From(factors, [factors.Length, 1]));
        inputs.AddSizes("image_sizes", firsts.Select(static plan => plan.Source));
    }

    private static int Up(int side, int patch) => (side + patch - 1) / patch;
}
