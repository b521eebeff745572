using System.Globalization;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>The members of the LLaVA line, and how their configurations are read.</summary>
internal static class LlavaKinds
{
    private static readonly int[] s_last = [-2];
    private static readonly ImageSize[] s_nextCanvases = [new(336, 672), new(672, 336), new(672, 672), new(1008, 336), new(336, 1008)];

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<LlavaKind> All { get; } =
    [
        new("llava", config => Plain(config)) { Processor = "LlavaProcessor" },
        new("vipllava", config => Plain(config, "vision_feature_layers", [-2, -5, -8, -11, 6]))
        {
            Processor = "LlavaProcessor", NormsStates = true,
        },
        new("llava_next", config => Plain(config) with { Canvases = Canvases(config, s_nextCanvases), HasNewline = true })
        {
            Processor = "LlavaNextProcessor",
        },
        new("llava_next_video", NextVideo) { Processor = "LlavaNextVideoProcessor", TakesClips = true },
        new("llava_onevision", OneVision)
        {
            Processor = "LlavaOnevisionProcessor", Language = "qwen2", Vision = "siglip_vision_model", CutsOnlyOne = true,
            TakesClips = true,
        },
        new("video_llava", VideoLlava)
        {
            Processor = "VideoLlavaProcessor", Tower = "image_tower", VideoTower = "video_tower", PixelName = "pixel_values_images",
            TakesClips = true,
        },
    ];

    /// <summary>The member of a <c>model_type</c>; null when it is none.</summary>
    internal static LlavaKind? Find(string? modelType) => All.FirstOrDefault(kind => kind.ModelType == modelType);

    /// <summary>How many tiles rows are shrunk to: N of <c>anyres_max_N</c>; null for <c>anyres</c>.</summary>
    internal static int? MostTiles(ConfigReader config, string key, string aspect)
    {
        const string Most = "anyres_max_";
        return aspect == "anyres" ? null
            : aspect.StartsWith(Most, StringComparison.Ordinal)
                && int.TryParse(aspect.AsSpan(Most.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int tiles)
                ? tiles
                : throw config.Unsupported(key, aspect, "anyres, anyres_max_N");
    }

    private static LlavaConfig NextVideo(ConfigReader config)
    {
        config.Skip("video_seq_length");
        string mode = config.Text("spatial_pool_mode", "average");
        LlavaConfig plain = Plain(config, imageToken: 32001) with
        {
            VideoToken = Token(config, "video", 32000),
            Canvases = Canvases(config, s_nextCanvases),
            HasNewline = true,
            Pooling = mode switch
            {
                "average" => FramePooling.Average,
                "max" => FramePooling.Max,
                "conv" => FramePooling.Convolution,
                _ => throw config.Unsupported("spatial_pool_mode", mode, "average, max, conv"),
            },
            PoolStride = config.Int("spatial_pool_stride", 2),
        };
        return plain with { KeepsFirstOfFrames = plain.KeepsFirst };
    }

    private static LlavaConfig OneVision(ConfigReader config)
    {
        const string Aspect = "vision_aspect_ratio";
        LlavaConfig plain = Plain(config, layers: [-1], strategy: "full", imageToken: 151646) with
        {
            VideoToken = Token(config, "video", 151647),
            Canvases = Canvases(config, [.. OneVisionCanvases()]),
            HasNewline = true,
            MaxTiles = MostTiles(config, Aspect, config.Text(Aspect, "anyres_max_9")),
            Pooling = FramePooling.Bilinear,
        };
        return plain with { KeepsFirstOfFrames = plain.KeepsFirst };
    }

    private static LlavaConfig VideoLlava(ConfigReader config)
    {
        config.Skip("video_seq_length");
        return Plain(config) with { VideoToken = Token(config, "video", 32001), KeepsFirstOfFrames = true };
    }

    private static LlavaConfig Plain(
        ConfigReader config, string layersKey = "vision_feature_layer", int[]? layers = null, string strategy = "default",
        int imageToken = 32000)
    {
        // What only the processor looks at, or what repeats the parts' own configurations.
        config.Skip("ignore_index", "image_seq_length", "vocab_size", "use_image_newline_parameter", "tie_word_embeddings");
        return new LlavaConfig
        {
            ImageToken = Token(config, "image", imageToken),
            FeatureLayers = config.FindInts(layersKey) ?? layers ?? s_last,
            KeepsFirst = Keeps(config, config.Text("vision_feature_select_strategy", strategy)),
        };
    }

    private static bool Keeps(ConfigReader config, string strategy) => strategy switch
    {
        "default" => false,
        "full" => true,
        _ => throw config.Unsupported("vision_feature_select_strategy", strategy, "default, full"),
    };

    private static int Token(ConfigReader config, string medium, int missing) =>
        config.FindInt($"{medium}_token_index", $"{medium}_token_id") ?? missing;

    private static ImageSize[] Canvases(ConfigReader config, ImageSize[] missing)
    {
        const string Key = "image_grid_pinpoints";
        if (config.Find(Key) is not { } list)
        {
            return missing;
        }

        try
        {
            return [.. list.EnumerateArray().Select(size => new ImageSize(size[0].GetInt32(), size[1].GetInt32()))];
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw config.Wrong(Key, list, "a list of [height, width]");
        }
    }

    private static IEnumerable<ImageSize> OneVisionCanvases() =>
        from rows in Enumerable.Range(1, 6) from columns in Enumerable.Range(1, 6) select new ImageSize(rows * 384, columns * 384);
}
