using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What the configuration of an authors' checkpoint says.</summary>
/// <remarks>
/// References: haotian-liu/LLaVA <c>llava_arch.py</c>, <c>clip_encoder.py</c>, <c>multimodal_projector/builder.py</c>; for
/// <c>llava_qwen</c> and <c>anyres_max_N</c> LLaVA-VL/LLaVA-NeXT, the same files.
/// </remarks>
internal sealed partial record LlavaOriginalSettings
{
    /// <summary>What stands for a picture among the ids of the authors' code.</summary>
    internal const int Mark = -200;

    /// <summary>What is done with the tower's states.</summary>
    internal required LlavaConfig Llava { get; init; }

    /// <summary>How many linear layers the projector has: 0 for <c>identity</c>, 1 for <c>linear</c>.</summary>
    internal required int ProjectorDepth { get; init; }

    /// <summary>How pictures are brought to squares: null as the tower's own processor does, <c>pad</c>, or tiles.</summary>
    internal string? AspectRatio { get; init; }

    /// <summary>Whether a picture stands between two marks of its own.</summary>
    internal bool MarksEnds { get; init; }

    /// <summary>Whether batches are filled up on the left.</summary>
    internal bool PadsLeft { get; init; }

    /// <summary>How long a row may be, pictures included; null for no limit.</summary>
    internal int? MaximumLength { get; init; }

    /// <summary>Whether a configuration is one of the authors', whatever its <c>model_type</c> says.</summary>
    internal static bool Applies(ConfigReader config) =>
        config.Has("mm_vision_tower", "mm_hidden_size", "mm_projector_type", "mm_vision_select_layer");

    /// <summary>Reads the configuration.</summary>
    internal static LlavaOriginalSettings Read(ConfigReader config, LlavaOriginalTower tower)
    {
        SkipTraining(config);
        Refuse(config, "mm_resampler_type");
        if (config.Flag("s2", false))
        {
            throw config.Unsupported("s2", "true", "false");
        }

        string merge = config.Text("mm_patch_merge_type", "flat");
        string? aspect = config.FindText("image_aspect_ratio");
        bool cuts = aspect is not null && aspect.StartsWith("anyres", StringComparison.Ordinal);
        (int[] layers, bool keeps) = States(config, tower);
        return new LlavaOriginalSettings
        {
            Llava = new LlavaConfig
            {
                ImageToken = Mark,
                FeatureLayers = layers,
                KeepsFirst = keeps,
                Canvases = cuts ? Canvases(config, tower.Sizes.ImageSize) : [],
                Packing = merge switch
                {
                    "flat" => TilePacking.Flat,
                    "spatial" => TilePacking.Spatial,
                    "spatial_unpad" => TilePacking.SpatialUnpad,
                    _ => throw config.Unsupported("mm_patch_merge_type", merge, "flat, spatial, spatial_unpad"),
                },
                RoundsSizes = false,
                HasNewline = merge == "spatial_unpad",
                MaxTiles = cuts ? LlavaKinds.MostTiles(config, "image_aspect_ratio", aspect!) : null,
            },
            ProjectorDepth = Depth(config),
            AspectRatio = aspect is null or "square" or "pad" || cuts
                ? aspect
                : throw config.Unsupported("image_aspect_ratio", aspect, "square, pad, anyres, anyres_max_N"),
            MarksEnds = config.Flag("mm_use_im_start_end", false),
            PadsLeft = config.Text("tokenizer_padding_side", "right") == "left",
            MaximumLength = config.FindInt("tokenizer_model_max_length"),
        };
    }

    /// <summary>Keys that only say how the model was trained.</summary>
    private static void SkipTraining(ConfigReader config) => config.Skip(
        "use_mm_proj", "tune_mm_mlp_adapter", "freeze_mm_mlp_adapter", "mm_projector_lr", "unfreeze_mm_vision_tower",
        "mm_vision_tower_lr", "mm_tunable_parts", "tune_mm_vision_resampler", "image_crop_resolution", "image_split_resolution",
        "mm_use_im_patch_token", "sep_image_conv_front", "tokenizer_padding_side", "tokenizer_model_max_length",
        "mm_spatial_pool_mode", "mm_spatial_pool_stride", "mm_newline_position", "add_faster_video", "faster_token_stride",
        "image_grid_pinpoints");

    private static void Refuse(ConfigReader config, string key)
    {
        if (config.Find(key) is { } value)
        {
            throw config.Unsupported(key, value.ToString(), "none");
        }
    }

    /// <summary>Which states of the tower are joined, and whether their first token stays.</summary>
    private static (int[] Layers, bool Keeps) States(ConfigReader config, LlavaOriginalTower tower)
    {
        int layer = config.Int("mm_vision_select_layer", -2);
        string feature = config.Text("mm_vision_select_feature", "patch");
        if (tower.IsSiglip)
        {
            // The authors drop the last layer, then take the last state with all its tokens, whatever the keys say.
            return ([-2], true);
        }

        const string Patch = "patch";
        const string Whole = "cls_patch";
        const string Quarters = "slicefour_";
        const string Five = "slice_m25811_f6_";
        int[] layers = feature.StartsWith(Quarters, StringComparison.Ordinal) ? Quarter(tower.Layers + 1, layer)
            : feature.StartsWith(Five, StringComparison.Ordinal) ? [-2, -5, -8, -11, 6]
            : [layer];
        string kept = feature.Replace(Quarters, string.Empty, StringComparison.Ordinal)
            .Replace(Five, string.Empty, StringComparison.Ordinal);
        return kept is Patch or Whole
            ? (layers, kept == Whole)
            : throw config.Unsupported("mm_vision_select_feature", feature, $"{Patch}, {Whole}, each with {Quarters} or {Five} in front");
    }

    private static int[] Quarter(int states, int layer)
    {
        int step = states / 4;
        var layers = new List<int>();
        for (int i = step + layer; i < states && step > 0; i += step)
        {
            layers.Add(i);
        }

        return [.. layers];
    }

    private static int Depth(ConfigReader config)
    {
        const string Key = "mm_projector_type";
        string type = config.Text(Key, "linear");
        if (type is "linear" or "identity")
        {
            return type == "linear" ? 1 : 0;
        }

        Match match = Mlp().Match(type);
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int depth)
            && depth > 0
                ? depth
                : throw config.Unsupported(Key, type, "linear, mlpNx_gelu, identity");
    }

    /// <summary>Canvases (width, height) as a list, as the text of one, or as a range of tiles <c>(1x1),...,(6x6)</c>.</summary>
    private static ImageSize[] Canvases(ConfigReader config, int tile)
    {
        const string Key = "image_grid_pinpoints";
        System.Text.Json.JsonElement value = config.Find(Key)
            ?? throw new InvalidDataException($"'{config.File}' cuts pictures into tiles but has no '{Key}'.");
        string text = value.ValueKind == System.Text.Json.JsonValueKind.String ? config.FindText(Key)! : value.GetRawText();
        int[] numbers =
        [
            .. Whole().Matches(text).Select(match => int.Parse(match.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)),
        ];
        if (numbers.Length < 2 || numbers.Length % 2 != 0 || Array.Exists(numbers, static number => number < 1))
        {
            throw config.Wrong(Key, value, "a list of (width, height), or a range of tiles as (1x1),...,(6x6)");
        }

        if (!text.Contains('x', StringComparison.Ordinal))
        {
            return [.. numbers.Chunk(2).Select(static pair => new ImageSize(pair[1], pair[0]))];
        }

        (int fromWidth, int fromHeight, int toWidth, int toHeight) = (numbers[0], numbers[1], numbers[^2], numbers[^1]);
        return
        [
            .. from width in Enumerable.Range(fromWidth, Math.Max(0, toWidth - fromWidth + 1))
               from height in Enumerable.Range(fromHeight, Math.Max(0, toHeight - fromHeight + 1))
               select new ImageSize(height * tile, width * tile),
        ];
    }

    [GeneratedRegex("^mlp([0-9]{1,3})x_gelu$")]
    private static partial Regex Mlp();

    [GeneratedRegex("[0-9]{1,9}")]
    private static partial Regex Whole();
}
