using Percept.Media;

namespace Percept.Models;

/// <summary>How many tokens the frames of a clip take; null when the settings do not tell.</summary>
/// <param name="frames">The number of frames.</param>
/// <param name="frame">The size of each as the model gets it.</param>
internal delegate int? VideoTokenCount(int frames, ImageSize frame);

/// <summary>
/// The processor of families that take frames as pictures: convert, resize, centre crop, rescale, normalise.
/// </summary>
/// <remarks>Reference: transformers 5.23, <c>video_processing_utils.py</c>. Clips come out as <c>[clips, frames, 3,
/// height, width]</c>.</remarks>
internal sealed class PlainVideoFamily : IVideoFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly VideoTokenCount _tokens;
    private readonly string _output;

    internal PlainVideoFamily(SettingsReader settings, ImageSteps defaults, VideoTokenCount tokens, string output)
    {
        _tokens = tokens;
        _steps = ImageSteps.Read(settings, defaults);
        _table = PixelTable.OfTorch(_steps);
        _output = output;
    }

    public VideoPlan Plan(int frames, int height, int width)
    {
        SizeRules.CheckSource(height, width);
        ImageSize resized = _steps.Resize ? SizeRules.Target(_steps.Size, height, width) : new(height, width);
        ImageSize canvas = _steps.Crop ?? resized;
        return new VideoPlan { Frames = frames, Resized = resized, Canvas = canvas, Tokens = _tokens(frames, canvas) };
    }

    public void Run(IReadOnlyList<IReadOnlyList<Image>> clips, ImageInputs inputs)
    {
        VideoPlan[] plans = [.. clips.Select(clip => Plan(clip.Count, clip[0].Height, clip[0].Width))];
        if (plans.Any(plan => plan.Canvas != plans[0].Canvas || plan.Frames != plans[0].Frames))
        {
            throw new ArgumentException(
                "Clips of one call must come to equally many frames of one size; process them one by one.");
        }

        int frames = plans[0].Frames;
        inputs.AddPixels(
            _output,
            PixelStack.Equal([clips.Count, frames], plans[0].Canvas, (index, size, target) =>
                Write(clips[index / frames][index % frames], plans[index / frames], size, target)),
            _table);
    }

    private void Write(Image frame, VideoPlan plan, ImageSize canvas, Span<float> target)
    {
        Image resized = PixelSteps.ResizeAsTorch(PixelSteps.ToRgb(frame, _steps), plan.Resized, _steps.Resample);
        int top = CropOffset(resized.Height, canvas.Height);
        int left = CropOffset(resized.Width, canvas.Width);
        if (resized.Height < canvas.Height || resized.Width < canvas.Width)
        {
            // What the frame does not cover is black, like its own black pixels.
            PixelWriter.Fill(target, _table, 0);
        }

        PixelWriter.Tile(resized, (top, left), (0, 0), canvas, _table, target);
    }

    /// <summary>Where a side begins in its centre crop: torchvision's rule rounds both half rests down.</summary>
    private static int CropOffset(int side, int crop) => side >= crop ? -((side - crop) / 2) : (crop - side) / 2;
}
