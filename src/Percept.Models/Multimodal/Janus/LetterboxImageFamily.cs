using Percept.Media;

namespace Percept.Models;

/// <summary>
/// Janus and DeepSeek-VL: the longer side becomes the size, the picture lies in the middle of a square of the mean colour.
/// The hybrid variant makes a great square, and the small one of that.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_janus.py</c>, <c>image_processing_pil_deepseek_vl.py</c>,
/// <c>image_processing_pil_deepseek_vl_hybrid.py</c>. Sides round half to even; the shorter one has a least length.
/// </remarks>
internal sealed class LetterboxImageFamily : IImageFamily
{
    private static readonly byte[] s_gray = [127, 127, 127];

    private readonly bool _isHybrid;
    private readonly ImageSteps _steps;
    private readonly ImageSteps _great;
    private readonly PixelTable _table;
    private readonly PixelTable _greatTable;
    private readonly int _least;
    private readonly byte[] _background;
    private readonly byte[] _greatBackground;
    private readonly int? _tokens;

    internal LetterboxImageFamily(SettingsReader settings, bool isHybrid)
    {
        _isHybrid = isHybrid;
        var defaults = new ImageSteps
        {
            // Janus, DeepSeek-VL: the class has no flag of its own; what is not converted is refused.
            ConvertRgb = false,
            Resample = ResampleKind.Bicubic,
            Mean = ImageMeans.Clip,
            Deviation = ImageMeans.ClipDeviation,
            Size = SizeSetting.Square(384),
            Pad = true,
        };
        bool hasMean = settings.Find("image_mean") is not null;
        _steps = ImageSteps.Read(settings, defaults);
        _least = settings.Int("min_size", 14, least: 0);
        _tokens = settings.IntOrNone("num_image_tokens", 576);
        _background = hasMean || !isHybrid ? PixelSteps.ColorOf(_steps.Mean) : s_gray;
        settings.Find("background_color");
        _table = PixelTable.OfNumpy(_steps);
        _great = _steps;
        _greatTable = _table;
        _greatBackground = _background;
        if (isHybrid)
        {
            bool hasGreatMean = settings.Find("high_res_image_mean") is not null;
            _great = _steps with
            {
                Size = settings.Size("high_res_size", SizeSetting.Square(1024), _steps.SquareSize),
                Resample = settings.Resample("high_res_resample", ResampleKind.Bicubic),
                Mean = settings.Channels("high_res_image_mean", ImageMeans.Clip),
                Deviation = settings.Channels("high_res_image_std", ImageMeans.ClipDeviation),
            };
            _greatTable = PixelTable.OfNumpy(_great);
            _greatBackground = hasGreatMean ? PixelSteps.ColorOf(_great.Mean) : s_gray;
        }
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize source = new(height, width);
        if (_isHybrid)
        {
            (_, source) = Box(source, _great);
        }

        (ImageSize resized, ImageSize canvas) = Box(source, _steps);
        return new ImagePlan
        {
            Source = new(height, width), Resized = resized, Canvas = canvas, Tile = canvas, Tokens = _tokens,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        Image[] greats = [.. batch.Images.Select(image => PixelSteps.ToRgb(image, _steps))];
        if (_isHybrid && _steps.Resize)
        {
            greats = [.. greats.Select(image => Boxed(image, _great, _greatBackground))];
        }

        PixelStack.Add(inputs, "pixel_values", [.. plans.Select(plan => plan.Canvas)], null, _table, (index, _, target) =>
            PixelWriter.Whole(Boxed(greats[index], _steps, _background), _table, target));
        if (_isHybrid)
        {
            PixelStack.Add(
                inputs, "high_res_pixel_values", [.. greats.Select(great => new ImageSize(great.Height, great.Width))], null,
                _greatTable, (index, _, target) => PixelWriter.Whole(greats[index], _greatTable, target));
        }
    }

    private (ImageSize Resized, ImageSize Canvas) Box(ImageSize source, ImageSteps steps)
    {
        SizeRules.CheckSource(source.Height, source.Width);
        ImageSize resized = source;
        if (steps.Resize)
        {
            if (steps.Size.Fixed is not { } size || size.Height != size.Width)
            {
                throw new InvalidDataException($"The size is {steps.Size}, expected an equal height and width.");
            }

            double scale = (double)size.Height / Math.Max(source.Height, source.Width);
            resized = SizeRules.Check(
                new(
                    Math.Max(SizeRules.Round(source.Height * scale), _least),
                    Math.Max(SizeRules.Round(source.Width * scale), _least)),
                source.Height, source.Width, $"longer side {size.Height}");
        }

        // The hybrid class pads only what it has resized.
        int side = Math.Max(resized.Height, resized.Width);
        return (resized, steps.Pad && (steps.Resize || !_isHybrid) ? new(side, side) : resized);
    }

    private Image Boxed(Image image, ImageSteps steps, byte[] background)
    {
        (ImageSize resized, ImageSize canvas) = Box(new(image.Height, image.Width), steps);
        Image result = PixelSteps.Resize(image, resized, steps.Resample);
        return canvas == resized ? result : PixelSteps.PadToSquare(result, background);
    }
}
