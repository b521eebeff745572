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
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Glm4v),
            new() { Rule = FrameRule.Glm4v, Samples = true, Rate = 2 }),
        Plain("InternVLVideoProcessor", ["internvl"], s_square, EachFrame("image_seq_length", 256), FrameRule.Shifted),
        Plain("LlavaNextVideoVideoProcessor", ["llava_next_video"], s_cropped, PooledPatches),
        Plain("LlavaOnevisionVideoProcessor", ["llava_onevision"], s_square, PooledTokens),
        new("Qwen2VLVideoProcessor", ["qwen2_vl", "qwen2_5_vl", "qwen2_5_omni"],
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Qwen2Vl),
            new() { Rule = FrameRule.Qwen2Vl }),
        new("Qwen3VLVideoProcessor", ["qwen3_vl", "qwen3_vl_moe"],
            static settings => new PatchedVideoFamily(settings, PatchedVideoClass.Qwen3Vl),
            new() { Rule = FrameRule.Qwen3Vl, Samples = true, Rate = 2 }),
        new("SmolVLMVideoProcessor", ["smolvlm"], static settings => new SmolVlmVideoFamily(settings),
            new() { Rule = FrameRule.SmolVlm }),
        Plain("VideoLlavaVideoProcessor", ["video_llava"], s_cropped, PatchesAndClass),
        Plain(
            "VideoMAEVideoProcessor", ["videomae"],
            s_cropped with { Resample = ResampleKind.Bilinear, Mean = ImageMeans.Half, Deviation = ImageMeans.Half },
            NoTokens, output: "pixel_values"),
    ];

    private static readonly FamilyTable<VideoFamily> s_table = new(
        "video", All, static family => family.Type, static family => family.ModelTypes);

    /// <summary>The class of a name.</summary>
    /// <param name="type">The <c>video_processor_type</c> of the settings.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static VideoFamily Find(string type) => s_table.Find(type);

    /// <summary>The class that a model's checkpoints use.</summary>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static VideoFamily FindByModel(string modelType) => s_table.FindByModel(modelType);

    /// <summary>
    /// The class that a person names, by a model type or a class: the case, dashes, dots and underscores do not count. Null for none.
    /// </summary>
    /// <param name="name">The name.</param>
    public static VideoFamily? FindLoosely(string name) => s_table.FindLoosely(name);

    private static VideoFamily Plain(
        string type, IReadOnlyList<string> models, ImageSteps defaults, Func<SettingsReader, VideoTokenCount> tokens,
        FrameRule rule = FrameRule.Even, string output = "pixel_values_videos") => new(
            type, models, settings => new PlainVideoFamily(settings, defaults, tokens(settings), output), new() { Rule = rule });

    /// <summary>Encoders alone have no prompt.</summary>
    private static VideoTokenCount NoTokens(SettingsReader settings) => static (_, _) => null;

    /// <summary>So many placeholders for every frame, without the text between them.</summary>
    private static Func<SettingsReader, VideoTokenCount> EachFrame(string setting, int missing) => settings =>
    {
        int each = settings.Int(setting, missing);
        return (frames, _) => checked(frames * each);
    };

    /// <summary>LLaVA-NeXT-Video: the patches of each frame, pooled two by two; no class token.</summary>
    private static VideoTokenCount PooledPatches(SettingsReader settings)
    {
        int? patch = settings.IntOrNone("patch_size");
        return (frames, frame) => patch is { } side
            ? checked(frame.Height / side / 2 * (frame.Width / side / 2) * frames)
            : null;
    }

    /// <summary>LLaVA-OneVision: the encoder's tokens of each frame, pooled two by two rounding up; one line break behind all.</summary>
    private static VideoTokenCount PooledTokens(SettingsReader settings)
    {
        int side = (int)Math.Sqrt(settings.Int("num_image_tokens", 729));
        int pooled = (side + 1) / 2;
        return (frames, _) => checked((pooled * pooled * frames) + 1);
    }

    /// <summary>Video-LLaVA: the patches of each frame and the class token, which clips keep.</summary>
    private static VideoTokenCount PatchesAndClass(SettingsReader settings)
    {
        int side = settings.Int("patch_size", 14);
        int additional = settings.Int("num_additional_image_tokens", 1, least: 0);
        return (frames, frame) => checked(((frame.Height / side * (frame.Width / side)) + additional) * frames);
    }
}
