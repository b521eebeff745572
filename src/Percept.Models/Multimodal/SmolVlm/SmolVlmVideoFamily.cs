using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Clips of SmolVLM: frames go to the longest edge, then to a square; clips of a call are padded to the most frames,
/// with a mask.
/// </summary>
/// <remarks>Reference: transformers 5.23, <c>video_processing_smolvlm.py</c>.</remarks>
internal sealed class SmolVlmVideoFamily : IVideoFamily
{
    private const int GreatestEdge = 4096;

    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _edge;
    private readonly int _side;
    private readonly int _tokens;

    internal SmolVlmVideoFamily(SettingsReader settings)
    {
        SizeSetting size = SizeSetting.Edges(null, 4 * 364);
        if (settings.Find("size") is { } given)
        {
            size = SizeSetting.Read("size", given, square: false);
        }

        if (settings.Find("video_sampling") is { ValueKind: System.Text.Json.JsonValueKind.Object } sampling
            && sampling.TryGetProperty("video_size", out System.Text.Json.JsonElement own) && settings.FindInFile("size") is null)
        {
            size = SizeSetting.Read("video_size", own, square: false);
        }

        _steps = ImageSteps.Read(
            settings, new ImageSteps { Resample = ResampleKind.Lanczos, SquareSize = false, Pad = true }, size);
        _table = PixelTable.OfTorch(_steps);
        _edge = _steps.Size.LongestEdge is { } edge and > 0
            ? Math.Min(GreatestEdge, edge)
            : throw new InvalidDataException($"'size' is {_steps.Size}, expected longest_edge.");
        _side = settings.Size("max_image_size", SizeSetting.Edges(null, 364), square: false).LongestEdge is { } side and > 0
            ? side
            : throw new InvalidDataException("'max_image_size' has no longest_edge.");
        _tokens = settings.Int("image_seq_len", 169);
    }

    public VideoPlan Plan(int frames, int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var square = new ImageSize(_side, _side);
        ImageSize resized = !_steps.Resize ? new(height, width) : Idefics3ImageFamily.Target(height, width, _edge);
        return new VideoPlan
        {
            Frames = frames,
            Resized = resized,
            Canvas = _steps.Resize ? square : resized,
            Tokens = checked(frames * _tokens),
        };
    }

    public void Run(IReadOnlyList<IReadOnlyList<Image>> clips, ImageInputs inputs)
    {
        VideoPlan[] plans = [.. clips.Select(clip => Plan(clip.Count, clip[0].Height, clip[0].Width))];
        ImageSize[] sizes = [.. plans.Select(static plan => plan.Canvas)];
        ImageSize padded = PixelStack.PaddedSize(sizes, null);
        int most = clips.Max(static clip => clip.Count);
        if (!_steps.Pad && (sizes.Any(size => size != padded) || clips.Any(clip => clip.Count != most)))
        {
            throw new ArgumentException("Clips of different sizes or lengths need 'do_pad' to be gathered.");
        }

        Tensor pixels = PixelStack.Equal([clips.Count, most], padded, (index, size, target) =>
        {
            int clip = index / most;
            if (index % most < clips[clip].Count)
            {
                Write(clips[clip][index % most], plans[clip], size, target);
            }
        });
        inputs.AddPixels("pixel_values", pixels, _table);
        if (_steps.Pad)
        {
            // The reference marks padding frames as valid too: its mask knows heights and widths only.
            inputs.Add(
                "pixel_attention_mask",
                PixelStack.Masks([clips.Count, most], [.. sizes.SelectMany(size => Enumerable.Repeat(size, most))], padded));
        }
    }

    private void Write(Image frame, VideoPlan plan, ImageSize size, Span<float> target)
    {
        Image resized = PixelSteps.ResizeAsTorch(PixelSteps.ToRgb(frame, _steps), plan.Resized, _steps.Resample);
        resized = PixelSteps.ResizeAsTorch(resized, plan.Canvas, _steps.Resample);
        PixelWriter.Tile(resized, (0, 0), (0, 0), size, _table, target);
    }
}
