using System.Globalization;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The LLaVA line in transformers' layouts: published files, and what newer versions of the library write.</summary>
internal static class LlavaFamily
{
    private static readonly int[] s_last = [-2];
    private static readonly ImageSize[] s_nextCanvases = [new(336, 672), new(672, 336), new(672, 672), new(1008, 336), new(336, 1008)];

    /// <summary>From every spelling to that of the published files.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("model.language_model.{*}", "language_model.model.{*}")
        .Rename("lm_head.{*}", "language_model.lm_head.{*}")
        .Rename("model.vision_tower.{*}", "vision_tower.{*}")
        .Rename("model.image_tower.{*}", "image_tower.{*}")
        .Rename("model.video_tower.{*}", "video_tower.{*}")
        .Rename("model.multi_modal_projector.{*}", "multi_modal_projector.{*}")
        .Rename("model.vision_resampler.{*}", "vision_resampler.{*}")
        .Rename("model.image_newline", "image_newline");

    internal static object Llava(ModelFiles files) => Make(files, Plain(files.Config));

    internal static object LlavaNext(ModelFiles files) => Make(files, Plain(files.Config) with
    {
        Canvases = Canvases(files.Config, s_nextCanvases),
    });

    internal static object LlavaNextVideo(ModelFiles files)
    {
        ConfigReader config = files.Config;
        config.Skip("video_seq_length");
        string mode = config.Text("spatial_pool_mode", "average");
        LlavaConfig plain = Plain(config, imageToken: 32001) with
        {
            VideoToken = Token(config, "video", 32000),
            Canvases = Canvases(config, s_nextCanvases),
            Pooling = mode switch
            {
                "average" => FramePooling.Average,
                "max" => FramePooling.Max,
                "conv" => FramePooling.Convolution,
                _ => throw config.Unsupported("spatial_pool_mode", mode, "average, max, conv"),
            },
            PoolStride = config.Int("spatial_pool_stride", 2),
        };
        return Make(files, plain with { KeepsPrefixOfFrames = plain.KeepsPrefix });
    }

    internal static object LlavaOneVision(ModelFiles files)
    {
        ConfigReader config = files.Config;
        string aspect = config.Text("vision_aspect_ratio", "anyres_max_9");
        const string Anyres = "anyres_max_";
        int? most = aspect.StartsWith(Anyres, StringComparison.Ordinal)
            && int.TryParse(aspect.AsSpan(Anyres.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int tiles)
                ? tiles
                : aspect == "anyres" ? null
                : throw config.Unsupported("vision_aspect_ratio", aspect, "anyres, anyres_max_N");
        LlavaConfig plain = Plain(config, layers: [-1], strategy: "full", imageToken: 151646) with
        {
            VideoToken = Token(config, "video", 151647),
            Canvases = Canvases(config, [.. OneVisionCanvases()]),
            MaxTiles = most,
            Pooling = FramePooling.Bilinear,
        };
        return Make(
            files, plain with { KeepsPrefixOfFrames = plain.KeepsPrefix }, language: "qwen2", vision: "siglip_vision_model");
    }

    internal static object VideoLlava(ModelFiles files)
    {
        files.Config.Skip("video_seq_length");
        return Make(
            files, Plain(files.Config) with { VideoToken = Token(files.Config, "video", 32001), KeepsPrefixOfFrames = true },
            tower: "image_tower", videoTower: "video_tower");
    }

    internal static object VipLlava(ModelFiles files) => Make(
        files,
        Plain(files.Config, "vision_feature_layers", [-2, -5, -8, -11, 6]),
        normEps: files.Config.Number("projector_layernorm_eps", 1e-5));

    private static LlavaConfig Plain(
        ConfigReader config, string layersKey = "vision_feature_layer", int[]? layers = null, string strategy = "default",
        int imageToken = 32000)
    {
        // What only the processor looks at, or what repeats the parts' own configurations.
        config.Skip("ignore_index", "image_seq_length", "vocab_size", "use_image_newline_parameter", "tie_word_embeddings");
        string chosen = config.Text("vision_feature_select_strategy", strategy);
        return new LlavaConfig
        {
            ImageToken = Token(config, "image", imageToken),
            FeatureLayers = config.FindInts(layersKey) ?? layers ?? s_last,
            KeepsPrefix = chosen switch
            {
                "default" => false,
                "full" => true,
                _ => throw config.Unsupported("vision_feature_select_strategy", chosen, "default, full"),
            },
        };
    }

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

    private static object Make(
        ModelFiles files, LlavaConfig llava, string language = "llama", string vision = "clip_vision_model",
        string tower = "vision_tower", string? videoTower = null, double? normEps = null)
    {
        ConfigReader config = files.Config, text = config.SectionOrEmpty("text_config"), eye = config.SectionOrEmpty("vision_config");
        if (config.Has("tie_word_embeddings"))
        {
            text.Assume("tie_word_embeddings", config.Flag("tie_word_embeddings", false) ? "true" : "false");
        }

        AssumeVision(eye, vision);
        LanguageFamily words = LanguageFamilies.Find(text, language);
        VisionFamily pictures = VisionFamilies.Find(eye, vision);
        KeyMap map = Keys.Then(words.Keys.Under("language_model.")).Then(pictures.Keys.Under($"{tower}."));
        map = videoTower is null ? map : map.Then(pictures.Keys.Under($"{videoTower}."));
        WeightScope weights = files.Open(map);
        bool alone = config.Flag("percept_tower_alone", false);
        IVisionTower seeing = pictures.Make(eye, weights[tower]);
        if (alone)
        {
            int width = weights["multi_modal_projector"]["linear_2"].Describe("weight").Shape[0];
            return new ProjectedTower(seeing, Projector(config, weights, llava, seeing, width, normEps), llava);
        }

        ILanguageModel model = words.Make(text, weights["language_model"]);
        IVisionTower? watching = videoTower is null ? null : pictures.Make(eye, weights[videoTower]);
        Tensor? newline = llava.Canvases.Count > 0 ? weights.FindFloat("image_newline", [model.HiddenSize]) : null;
        MlpProjector projector = Projector(config, weights, llava, seeing, model.HiddenSize, normEps);
        return new LlavaModel(llava, model, seeing, projector, newline, watching, Pool(llava, weights, seeing.HiddenSize));
    }

    private static MlpProjector Projector(
        ConfigReader config, WeightScope weights, LlavaConfig llava, IVisionTower tower, int width, double? normEps)
    {
        int joined = tower.HiddenSize * llava.FeatureLayers.Count;
        WeightScope projector = weights["multi_modal_projector"];
        Norm? norm = normEps is { } eps ? projector.LayerNorm("projector_layernorm", joined, (float)eps) : null;
        return new MlpProjector(
            projector, ["linear_1", "linear_2"], joined, width, config.ReadActivation("gelu", "projector_hidden_act"),
            config.Flag("multimodal_projector_bias", true), norm);
    }

    private static (Tensor Weight, Tensor Bias)? Pool(LlavaConfig llava, WeightScope weights, int channels)
    {
        if (llava.Pooling != FramePooling.Convolution)
        {
            return null;
        }

        WeightScope layer = weights["vision_resampler"]["pool"];
        return (layer.Float("weight", [channels, channels, llava.PoolStride, llava.PoolStride]), layer.Float("bias", [channels]));
    }

    /// <summary>The towers that the configurations assume where they leave everything out.</summary>
    private static void AssumeVision(ConfigReader eye, string vision)
    {
        if (eye.Values.EnumerateObject().Any())
        {
            return;
        }

        bool siglip = vision == "siglip_vision_model";
        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)[
            ("hidden_size", siglip ? 1152 : 1024), ("intermediate_size", siglip ? 4304 : 4096), ("patch_size", 14),
            ("image_size", siglip ? 384 : 336), ("num_hidden_layers", siglip ? 26 : 24), ("num_attention_heads", 16)])
        {
            eye.Assume(name, value.ToString(CultureInfo.InvariantCulture));
        }
    }
}
