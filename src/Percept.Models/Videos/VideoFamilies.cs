using System.Collections.Frozen;

namespace Percept.Models;

/// <summary>Every class of video processors: one line each.</summary>
public static class VideoFamilies
{
    private static readonly ImageSteps s_square = new()
    {
        Resample = ResampleKind.Bicubic,
        Mean = ImageMeans.Clip,
        Deviation = ImageMeans.ClipDeviation,
        Size = SizeSetting.Square(384),
    };

    private static readonly ImageSteps s_cropped = s_square with
    {
        Size = SizeSetting.Edges(224), SquareSize = false, CenterCrop = true, CropSize = SizeSetting.Square(224),
    };

    /// <summary>All of them, by the order of their families' names.</summary>
    public static IReadOnlyList<VideoFamily> All { get; } =
    [
        new("Glm4vVideoProcessor", ["glm4v", "glm4v_moe"],
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Glm4v)),
        Plain("InternVLVideoProcessor", ["internvl"], s_square),
        Plain("LlavaNextVideoVideoProcessor", ["llava_next_video"], s_cropped),
        Plain("LlavaOnevisionVideoProcessor", ["llava_onevision"], s_square),
        new("Qwen2VLVideoProcessor", ["qwen2_vl", "qwen2_5_vl", "qwen2_5_omni"],
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Qwen2Vl)),
        new("Qwen3VLVideoProcessor", ["qwen3_vl", "qwen3_vl_moe"],
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Qwen3Vl)),
        new("SmolVLMVideoProcessor", ["smolvlm"], static settings => new SmolVlmVideoFamily(settings)),
        Plain("VideoLlavaVideoProcessor", ["video_llava"], s_cropped),
        Plain(
            "VideoMAEVideoProcessor", ["videomae"],
            s_cropped with { Resample = ResampleKind.Bilinear, Mean = ImageMeans.Half, Deviation = ImageMeans.Half },
            "pixel_values"),
    ];

    private static readonly FrozenDictionary<string, VideoFamily> s_byType =
        All.ToFrozenDictionary(static family => family.Type, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, VideoFamily> s_byModel = All
        .SelectMany(static family => family.ModelTypes.Select(model => (model, family)))
        .ToFrozenDictionary(static pair => pair.model, static pair => pair.family, StringComparer.Ordinal);

    /// <summary>The class of a name.</summary>
    /// <param name="type">The <c>video_processor_type</c> of the settings.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static VideoFamily Find(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return s_byType.TryGetValue(type, out VideoFamily? family)
            ? family
            : throw new NotSupportedException(
                $"There is no video processor '{type}'; there are {string.Join(", ", All.Select(known => known.Type))}.");
    }

    /// <summary>The class that a model's checkpoints use.</summary>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static VideoFamily FindByModel(string modelType)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelType);
        return s_byModel.TryGetValue(modelType, out VideoFamily? family)
            ? family
            : throw new NotSupportedException(
                $"No video processor is known for models of type '{modelType}'; known are " +
                $"{string.Join(", ", s_byModel.Keys.Order(StringComparer.Ordinal))}.");
    }

    private static VideoFamily Plain(
        string type, IReadOnlyList<string> models, ImageSteps defaults, string output = "pixel_values_videos") =>
        new(type, models, settings => new PlainVideoFamily(settings, defaults, output));
}
