using System.Text.Json;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// The size arithmetic of processors over a table of sizes: each line of the file <c>cases</c> names a rule, its settings and
/// what comes out, or that the size is refused.
/// </summary>
internal static class SizeRulesVerb
{
    private static readonly Dictionary<string, Func<int, int, RunArgs, int[]>> s_rules = new(StringComparer.Ordinal)
    {
        ["shortest_edge"] = static (h, w, args) => Sides(SizeRules.ShortestEdge(h, w, args.Int("size"))),
        ["shortest_longest_edge"] = static (h, w, args) =>
            Sides(SizeRules.ShortestAndLongestEdge(h, w, args.Int("shortest_edge"), args.Int("longest_edge"))),
        ["qwen_smart_resize"] = static (h, w, args) =>
            Sides(SmartResize.OfQwen(h, w, args.Int("factor"), args.Int("min_pixels"), args.Int("max_pixels"))),
        ["qwen3_video_smart_resize"] = static (h, w, args) => Sides(SmartResize.OfQwen3Video(
            args.Int("num_frames"), h, w, args.Int("temporal_factor"), args.Int("factor"), args.Int("min_pixels"),
            args.Int("max_pixels"))),
        ["select_best_resolution"] = static (h, w, args) => Sides(Best(h, w, args)),
        ["patch_output_size"] = static (h, w, args) => Sides(AnyRes.SizeWithin(h, w, Best(h, w, args))),
        ["llava_next_num_image_tokens"] = LlavaNextTokens,
        ["llava_onevision_num_image_tokens"] = OneVisionTokens,
        ["internvl_grid_columns_rows"] = static (h, w, args) => Flipped(TileGrids.Nearest(
            h, w, Square(args.Int("tile")), args.Int("min_patches"), args.Int("max_patches"))),
        ["ovis2_covering_grid"] = static (h, w, args) =>
        {
            (int first, int second) = TileGrids.Covering(
                h, w, args.Int("target_patch_size"), args.Int("max_image_tiles"), args.Number("covering_threshold"));
            return [first, second];
        },
        ["siglip2_size"] = static (h, w, args) =>
            Sides(Siglip2ImageFamily.Target(h, w, args.Int("patch_size"), args.Int("max_num_patches"))),
        ["idefics2_size"] = static (h, w, args) =>
            Sides(Idefics2ImageFamily.Target(h, w, args.Int("shortest_edge"), args.Int("longest_edge"))),
        ["idefics3_size"] = static (h, w, args) => Sides(Idefics3ImageFamily.Target(h, w, args.Int("resolution_max_side"))),
        ["pixtral_size"] = static (h, w, args) => Sides(PixtralImageFamily.Target(
            h, w, Square(args.Int("longest_edge")), Square(args.Int("patch_size")))),
        ["vilt_size"] = static (h, w, args) => Sides(ViltImageFamily.Target(
            h, w, args.Int("shorter"), args.Int("longer"), args.Int("size_divisor"))),
        ["mllama_canvas"] = static (h, w, args) =>
            Sides(MllamaImageFamily.Canvas(h, w, args.Int("tile"), args.Int("max_image_tiles"))),
        ["mllama_fit"] = static (h, w, args) => Sides(MllamaImageFamily.Fit(
            h, w, MllamaImageFamily.Canvas(h, w, args.Int("tile"), args.Int("max_image_tiles")), args.Int("tile"))),
        ["sam_size"] = static (h, w, args) => Sides(SamImageFamily.Target(h, w, args.Int("longest_edge"))),
        ["minicpm_sliced_grid_rows_cols"] = static (h, w, args) => Sides(
            MiniCpmVImageFamily.Slices(h, w, args.Int("max_slice_nums"), args.Int("scale_resolution")) ?? default),
        ["minicpm_best_resize"] = static (h, w, args) =>
        {
            args.Only("downsample_mode", "\"16x\"");
            return Sides(MiniCpmVImageFamily.Whole(
                h, w, args.Int("scale_resolution"), args.Int("patch_size") * MiniCpmVImageFamily.Align,
                args.Flag("allow_upscale", false)));
        },
    };

    internal static void Run(RunContext context) =>
        context.JudgeAll("table", context.JsonLines(context.Args.Text("cases")).Select(Problem));

    /// <summary>What is wrong with a line; null when the rule gives what it wants.</summary>
    private static string? Problem(JsonElement line)
    {
        string rule = line.GetProperty("rule").GetString()!;
        int height = line.GetProperty("height").GetInt32();
        int width = line.GetProperty("width").GetInt32();
        if (!s_rules.TryGetValue(rule, out Func<int, int, RunArgs, int[]>? compute))
        {
            return $"there is no rule '{rule}'";
        }

        var args = new RunArgs(line.GetProperty("args"));
        bool refuses = line.TryGetProperty("error", out _);
        int[] got;
        try
        {
            got = compute(height, width, args);
        }
        catch (ArgumentException error)
        {
            return refuses ? null : $"{rule} of {height}×{width} is refused: {error.Message}";
        }

        if (args.Unread.Count > 0)
        {
            return $"{rule}: the argument '{args.Unread.First()}' is not understood";
        }

        if (refuses)
        {
            return $"{rule} of {height}×{width} gives {string.Join(", ", got)}, expected a refusal";
        }

        int[] want = [.. line.GetProperty("result").EnumerateArray().Select(static value => value.GetInt32())];
        return got.AsSpan().SequenceEqual(want)
            ? null
            : $"{rule} of {height}×{width} gives {string.Join(", ", got)}, expected {string.Join(", ", want)}";
    }

    private static int[] LlavaNextTokens(int height, int width, RunArgs args)
    {
        int size = args.Int("size");
        int patches = size / args.Int("patch_size");
        ImageSize best = Best(height, width, args);

        // The text says that the class token counts here and is taken off later.
        args.Skip("vision_feature_select_strategy");
        int tiles = AnyRes.TileFeatures(
            height, width, Square(patches), new(best.Height / size, best.Width / size));
        return [tiles + (patches * patches) + args.Int("num_additional_image_tokens")];
    }

    private static int[] OneVisionTokens(int height, int width, RunArgs args)
    {
        int size = args.Int("size");
        int tokens = args.Int("num_image_tokens");
        args.Only("vision_aspect_ratio", "\"anyres_max_9\"");
        ImageSize[] canvases =
            [.. from i in Enumerable.Range(1, 6) from j in Enumerable.Range(1, 6) select new ImageSize(384 * i, 384 * j)];
        ImageSize best = AnyRes.BestResolution(height, width, canvases);
        return
        [
            tokens + AnyRes.TileFeatures(
                height, width, Square((int)Math.Sqrt(tokens)), new(best.Height / size, best.Width / size), 9),
        ];
    }

    private static ImageSize Best(int height, int width, RunArgs args) =>
        AnyRes.BestResolution(height, width, AnyresGridVerb.Canvases(args.Need("grid_pinpoints_hw")));

    private static ImageSize Square(int side) => new(side, side);

    private static int[] Sides(ImageSize size) => [size.Height, size.Width];

    private static int[] Flipped(ImageSize size) => [size.Width, size.Height];
}
