using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>How the classes of patched video processors differ.</summary>
internal enum PatchedVideoClass
{
    /// <summary>Frames are resized as pictures are.</summary>
    Qwen2Vl,

    /// <summary>The bounds are on the pixels of all frames together.</summary>
    Qwen3Vl,

    /// <summary>As <see cref="Qwen3Vl"/>, with other defaults.</summary>
    Glm4v,
}

/// <summary>
/// Clips of Qwen2-VL, Qwen2.5-VL, Qwen3-VL and GLM-4V: sides that are multiples of a merged patch, clips as rows of
/// patches over several frames. The last frame is repeated to fill the last temporal patch.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>video_processing_qwen2_vl.py</c>, <c>video_processing_qwen3_vl.py</c>,
/// <c>video_processing_glm4v.py</c>.
/// </remarks>
internal sealed class PatchedVideoFamily : IVideoFamily
{
    private const double FloorOfCap = 1.05;
    private const int CapPerFrame = 768;

    private readonly PatchedVideoClass _class;
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _patch;
    private readonly int _temporal;
    private readonly int _merge;
    private readonly bool _capsFrames;

    internal PatchedVideoFamily(SettingsReader settings, PatchedVideoClass videoClass)
    {
        _class = videoClass;
        bool isHalf = videoClass == PatchedVideoClass.Qwen3Vl;
        _steps = ImageSteps.Read(
            settings,
            new ImageSteps
            {
                Resample = ResampleKind.Bicubic,
                Mean = isHalf ? ImageMeans.Half : ImageMeans.Clip,
                Deviation = isHalf ? ImageMeans.Half : ImageMeans.ClipDeviation,
                SquareSize = false,
            },
            Bounds(settings, videoClass));
        _table = PixelTable.OfTorch(_steps);
        _patch = settings.Int("patch_size", videoClass == PatchedVideoClass.Qwen3Vl ? 16 : 14);
        _temporal = settings.Int("temporal_patch_size", 2);
        _merge = settings.Int("merge_size", 2);
        _capsFrames = videoClass == PatchedVideoClass.Qwen3Vl && settings.Flag("cap_pixels_per_frame", false);
    }

    public VideoPlan Plan(int frames, int height, int width)
    {
        ImageSize resized = Target(frames, height, width);
        (int Time, int Rows, int Columns) grid =
            (((frames - 1) / _temporal) + 1, resized.Height / _patch, resized.Width / _patch);
        return new VideoPlan
        {
            Frames = frames,
            Resized = resized,
            Canvas = resized,
            Grid = grid,
            Tokens = checked(grid.Time * grid.Rows * grid.Columns / (_merge * _merge)),
        };
    }

    public void Run(IReadOnlyList<IReadOnlyList<Image>> clips, ImageInputs inputs)
    {
        VideoPlan[] plans = [.. clips.Select(clip => Plan(clip.Count, clip[0].Height, clip[0].Width))];
        int[][] grids = [.. plans.Select(plan => new[] { plan.Grid!.Value.Time, plan.Grid.Value.Rows, plan.Grid.Value.Columns })];
        int columns = checked(3 * _temporal * _patch * _patch);
        long rows = grids.Sum(static grid => (long)grid[0] * grid[1] * grid[2]);
        Tensor patches = PixelStack.Zeros(checked((int)rows), columns);
        Span<float> values = patches.Writable<float>();
        var order = new MergedPatches(_patch, _merge);
        for (int i = 0; i < clips.Count; i++)
        {
            var grid = new ImageSize(grids[i][1], grids[i][2]);
            int length = checked((int)grid.Area * columns);
            for (int time = 0; time < grids[i][0]; time++)
            {
                order.Write(Group(clips[i], time, plans[i].Resized), grid, _table, values[..length]);
                values = values[length..];
            }
        }

        inputs.AddPixels("pixel_values_videos", patches, _table);
        inputs.AddIntegers("video_grid_thw", grids);
    }

    /// <summary>The bounds of pixels: <c>size</c>, or the older <c>min_pixels</c> and <c>max_pixels</c>.</summary>
    private static SizeSetting Bounds(SettingsReader settings, PatchedVideoClass videoClass)
    {
        SizeSetting bounds = videoClass switch
        {
            PatchedVideoClass.Qwen2Vl => SizeSetting.Edges(128 * 28 * 28, 28 * 28 * 768),
            PatchedVideoClass.Qwen3Vl => SizeSetting.Edges(128 * 32 * 32, 32 * 32 * 768),
            _ => SizeSetting.Edges(112 * 112, 28 * 28 * 2 * 30000),
        };
        if (settings.Find("size") is { } size)
        {
            bounds = SizeSetting.Read("size", size, square: false);
        }

        if (videoClass == PatchedVideoClass.Qwen2Vl)
        {
            bounds = SizeSetting.Edges(
                Qwen2VlImageFamily.Pixels("min_pixels", settings.Find("min_pixels")) ?? bounds.ShortestEdge,
                Qwen2VlImageFamily.Pixels("max_pixels", settings.Find("max_pixels")) ?? bounds.LongestEdge);
        }

        return SmartResize.CheckBounds(bounds);
    }

    private ImageSize Target(int frames, int height, int width)
    {
        SizeRules.CheckSource(height, width);
        int factor = checked(_patch * _merge);
        if (!_steps.Resize)
        {
            return SmartResize.AsItIs(height, width, factor, "A clip");
        }

        long least = _steps.Size.ShortestEdge!.Value;
        long most = _steps.Size.LongestEdge!.Value;
        if (_class == PatchedVideoClass.Qwen2Vl)
        {
            return SmartResize.OfQwen(height, width, factor, least, most);
        }

        if (_capsFrames)
        {
            most = Math.Max(Math.Min((long)CapPerFrame * factor * factor, most / frames), (long)(least * FloorOfCap)) * frames;
        }

        return SmartResize.OfGlm(frames, height, width, _temporal, factor, least, most);
    }

    /// <summary>The frames of a temporal patch in their new size; past the end the last one again.</summary>
    private Image[] Group(IReadOnlyList<Image> clip, int time, ImageSize size)
    {
        var group = new Image[_temporal];
        for (int i = 0; i < group.Length; i++)
        {
            int frame = (time * _temporal) + i;
            group[i] = frame < clip.Count
                ? PixelSteps.ResizeAsTorch(PixelSteps.ToRgb(clip[frame], _steps), size, _steps.Resample)
                : group[i - 1];
        }

        return group;
    }
}
