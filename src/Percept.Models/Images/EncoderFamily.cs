using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>What makes the class of a plain encoder's processor differ from others: data, no code.</summary>
/// <param name="Defaults">What holds where settings are silent.</param>
internal sealed record EncoderClass(ImageSteps Defaults)
{
    /// <summary>Whether <c>do_pad</c> lays the picture into the middle of a square of the mean colour before the resize.</summary>
    internal bool PadsToSquare { get; init; }

    /// <summary>Whether a call's pictures are frames of clips: <c>[clips, frames, 3, height, width]</c>.</summary>
    internal bool IsClip { get; init; }

    /// <summary>The reference's name of the tensor of pictures.</summary>
    internal string Output { get; init; } = "pixel_values";

    /// <summary>The size where the class spells it in its own way; null to read it as all do.</summary>
    internal Func<SettingsReader, SizeSetting?>? OwnSize { get; init; }
}

/// <summary>
/// The processor of plain encoders: convert, resize, centre crop, rescale, normalise. Classes differ in defaults only.
/// </summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_backends.py</c>, <c>PilBackend</c>.</remarks>
internal sealed class EncoderFamily : IImageFamily
{
    private readonly EncoderClass _class;
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly byte[] _background;
    private readonly ImageTokens _tokens;

    internal EncoderFamily(SettingsReader settings, EncoderClass encoder)
    {
        _class = encoder;
        _steps = ImageSteps.Read(settings, encoder.Defaults, encoder.OwnSize?.Invoke(settings));
        _table = PixelTable.OfNumpy(_steps);
        _background = PixelSteps.ColorOf(_steps.Mean);
        _tokens = ImageTokens.Read(settings);
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize whole = SquareFirst ? new(Math.Max(height, width), Math.Max(height, width)) : source;
        ImageSize resized = _steps.Resize ? SizeRules.Target(_steps.Size, whole.Height, whole.Width) : whole;
        ImageSize canvas = _steps.Crop ?? resized;
        return new ImagePlan
        {
            Source = source,
            Resized = resized,
            Canvas = canvas,
            Tile = canvas,
            Patches = _tokens.Patches(canvas),
            Tokens = _tokens.Count(canvas),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] sizes = [.. plans.Select(plan => plan.Canvas)];
        void Write(int index, ImageSize size, Span<float> target) => this.Write(batch.Images[index], plans[index], size, target);
        if (!_class.IsClip)
        {
            bool pads = _steps.Pad && !_class.PadsToSquare;
            PixelStack.Add(
                inputs, _class.Output, sizes, pads ? PixelStack.PaddedSize(sizes, _steps.PadSize) : null, _table, Write);
            return;
        }

        int frames = batch.Samples[0].Count;
        if (batch.Samples.Any(sample => sample.Count != frames) || sizes.Any(size => size != sizes[0]))
        {
            throw new ArgumentException("Clips of one call must have equally many frames of one size.");
        }

        Tensor clips = PixelStack.Equal([batch.Samples.Count, frames], sizes[0], Write);
        inputs.AddPixels("pixel_values", clips, _table);
    }

    private bool SquareFirst => _class.PadsToSquare && _steps.Pad;

    private void Write(Image image, ImagePlan plan, ImageSize size, Span<float> target)
    {
        Image rgb = PixelSteps.ToRgb(image, _steps);
        if (SquareFirst)
        {
            rgb = PixelSteps.PadToSquare(rgb, _background);
        }

        if (plan.Canvas == plan.Resized)
        {
            rgb = PixelSteps.Resize(rgb, plan.Resized, _steps.Resample);
            PixelWriter.Tile(rgb, (0, 0), (0, 0), size, _table, target);
            return;
        }

        int top = PixelSteps.CropOffset(plan.Resized.Height, plan.Canvas.Height);
        int left = PixelSteps.CropOffset(plan.Resized.Width, plan.Canvas.Width);
        if (size == plan.Canvas && (plan.Resized.Height < size.Height || plan.Resized.Width < size.Width))
        {
            PixelWriter.Fill(target, _table, 0);
        }

        // Only what is left after the crop is made: of a narrow picture the resized whole may be enormous.
        int x = Math.Max(0, -left);
        int y = Math.Max(0, -top);
        rgb = PixelSteps.ResizeWindow(
            rgb, plan.Resized, _steps.Resample, x, y,
            Math.Min(plan.Canvas.Width, plan.Resized.Width), Math.Min(plan.Canvas.Height, plan.Resized.Height));
        PixelWriter.Tile(rgb, (Math.Max(0, top), Math.Max(0, left)), (0, 0), size, _table, target);
    }
}
