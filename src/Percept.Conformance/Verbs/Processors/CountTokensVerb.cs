using System.Text.Json;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// Sizes and token counts over a table of pictures: the plans of processors with the settings <c>params</c>. Each line of
/// <c>file</c> has a size and what comes out, or <c>error</c>.
/// </summary>
internal static class CountTokensVerb
{
    /// <summary>Stands for the one class token of the encoder, which the tables count but do not name.</summary>
    private const string ClassToken = "";

    private static readonly Dictionary<string, Func<JsonElement, JsonElement, Dictionary<string, string>>> s_functions =
        new(StringComparer.Ordinal)
        {
            ["smart_resize"] = static (line, args) => Answer(
                Plan(line, "Qwen2VLImageProcessor", args), static plan => Sides(plan.Resized)),
            ["smart_resize_video"] = VideoSize,
            ["optimal_tiled_canvas"] = static (line, args) => Answer(
                Plan(line, "GotOcr2ImageProcessor", args, ("size", "tile"), ("image_seq_length", "tokens_per_tile")),
                static plan => [("cols", plan.Grid.Width), ("rows", plan.Grid.Height), ("tiles", plan.Tiles)]),
            ["idefics3_tiles"] = IdeficsTiles,
            ["pan_and_scan"] = PanAndScan,
            ["mllama_canvas"] = MllamaCanvas,
            ["llama4_canvas"] = Llama4Canvas,
            ["anyres_tokens"] = AnyresTokens,
            ["minicpmv_slices"] = MiniCpmSlices,
            ["letterbox"] = Letterbox,
            ["naflex_size"] = static (line, args) => Answer(
                Plan(line, "Siglip2ImageProcessor", args), static plan => Sides(plan.Resized), tokens: false),
            ["pixtral_size"] = PixtralSize,
        };

    internal static void Run(RunContext context)
    {
        string function = context.Args.Text("function");
        JsonElement settings = context.Args.Need("params");
        context.Args.Skip("reference");
        if (!s_functions.TryGetValue(function, out Func<JsonElement, JsonElement, Dictionary<string, string>>? compute))
        {
            throw new NotUnderstoodException($"there is no function '{function}'");
        }

        context.JudgeAll(
            "table", context.JsonLines(context.Args.Text("file")).Select(line => Problem(line, settings, compute)));
    }

    private static string? Problem(
        JsonElement line, JsonElement settings, Func<JsonElement, JsonElement, Dictionary<string, string>> compute)
    {
        string size = $"{line.GetProperty("h")}×{line.GetProperty("w")}";
        bool refuses = line.TryGetProperty("error", out _);
        Dictionary<string, string> got;
        try
        {
            got = compute(line, settings);
        }
        catch (ArgumentException error)
        {
            return refuses ? null : $"{size} is refused: {error.Message}";
        }

        if (refuses)
        {
            return $"{size} is not refused";
        }

        foreach (JsonProperty wanted in line.EnumerateObject())
        {
            if (wanted.Name is "h" or "w" or "t")
            {
                continue;
            }

            string want = wanted.Value.GetRawText().Replace(" ", string.Empty, StringComparison.Ordinal);
            if (!got.TryGetValue(wanted.Name, out string? answer) || answer != want)
            {
                return $"{size}: '{wanted.Name}' is {answer ?? "missing"}, expected {want}";
            }
        }

        return null;
    }

    /// <summary>The plan of a class with given settings; some of them by another name.</summary>
    private static ImagePlan Plan(
        JsonElement line, string type, JsonElement args, params ReadOnlySpan<(string Setting, string Argument)> renamed)
    {
        var settings = args.EnumerateObject().ToDictionary(static pair => pair.Name, static pair => pair.Value.GetRawText());
        foreach ((string setting, string argument) in renamed)
        {
            settings[setting] = argument == ClassToken ? "1" : settings[argument];
        }

        settings["crop_to_patches"] = "true";
        settings["do_pan_and_scan"] = "true";
        return Plan(line, type, $"{{{string.Join(", ", settings.Select(static pair => $"\"{pair.Key}\": {pair.Value}"))}}}");
    }

    private static ImagePlan Plan(JsonElement line, string type, string settings)
    {
        using JsonDocument document = JsonDocument.Parse(settings);
        ImageProcessor processor = ImageProcessor.Create(ImageFamilies.Find(type), document.RootElement);
        return processor.Plan(line.GetProperty("h").GetInt32(), line.GetProperty("w").GetInt32());
    }

    private static Dictionary<string, string> Answer(
        ImagePlan plan, Func<ImagePlan, (string Name, int Value)[]> values, bool tokens = true)
    {
        var answer = values(plan).ToDictionary(static value => value.Name, static value => Text(value.Value));
        if (tokens)
        {
            answer["tokens"] = Text(plan.Tokens!.Value);
        }

        return answer;
    }

    private static Dictionary<string, string> VideoSize(JsonElement line, JsonElement args)
    {
        int Arg(string name) => args.GetProperty(name).GetInt32();
        int frames = line.GetProperty("t").GetInt32();
        int factor = Arg("factor");
        int temporal = Arg("temporal_factor");
        ImageSize size = SmartResize.OfQwen3Video(
            frames, line.GetProperty("h").GetInt32(), line.GetProperty("w").GetInt32(), temporal, factor, Arg("min_pixels"),
            Arg("max_pixels"));
        int steps = (frames + temporal - 1) / temporal;
        return new()
        {
            ["H"] = Text(size.Height),
            ["W"] = Text(size.Width),
            ["tokens"] = Text(steps * (size.Height / factor) * (size.Width / factor)),
        };
    }

    private static Dictionary<string, string> IdeficsTiles(JsonElement line, JsonElement args)
    {
        string settings =
            $"{{\"size\": {{\"longest_edge\": {args.GetProperty("longest_edge")}}}, " +
            $"\"max_image_size\": {{\"longest_edge\": {args.GetProperty("max_image_size")}}}}}";
        return Answer(Plan(line, "Idefics3ImageProcessor", settings), static plan =>
        [
            ("H1", plan.Resized.Height), ("W1", plan.Resized.Width), ("H2", plan.Canvas.Height), ("W2", plan.Canvas.Width),
            ("rows", plan.Tiles == 1 ? 0 : plan.Grid.Height), ("cols", plan.Tiles == 1 ? 0 : plan.Grid.Width),
            ("images", plan.Tiles),
        ]);
    }

    private static Dictionary<string, string> PanAndScan(JsonElement line, JsonElement args)
    {
        ImagePlan plan = Plan(line, "Gemma3ImageProcessor", args);
        IEnumerable<string> crops = Gemma3ImageFamily.Parts(plan, 0).Skip(1)
            .Select(static part => $"[{part.At.Width},{part.At.Height},{part.Size.Width},{part.Size.Height}]");
        return new() { ["crops"] = $"[{string.Join(',', crops)}]" };
    }

    private static Dictionary<string, string> MllamaCanvas(JsonElement line, JsonElement args)
    {
        ImagePlan plan = Plan(line, "MllamaImageProcessor", args, ("size", "tile_size"));
        ImageSize[] grids = [.. MllamaImageFamily.Grids(args.GetProperty("max_image_tiles").GetInt32())];
        return new()
        {
            ["canvas"] = Text(plan.Canvas),
            ["resized"] = Text(plan.Resized),
            ["tiles"] = Text(plan.Grid),
            ["aspect_ratio_id"] = Text(Array.IndexOf(grids, plan.Grid) + 1),
        };
    }

    private static Dictionary<string, string> Llama4Canvas(JsonElement line, JsonElement args)
    {
        ImagePlan plan = Plan(line, "Llama4ImageProcessor", args, ("size", "tile"));
        return new()
        {
            ["canvas"] = Text(plan.Canvas), ["resized"] = Text(plan.Resized), ["tiles"] = Text(plan.Tiles),
        };
    }

    private static Dictionary<string, string> AnyresTokens(JsonElement line, JsonElement args)
    {
        ImagePlan plan = args.TryGetProperty("vision_aspect_ratio", out _)
            ? Plan(line, "LlavaOnevisionImageProcessor", args, ("num_image_tokens", "tokens_per_tile"), ("size", "image_size"))
            : Plan(
                line, "LlavaNextImageProcessor", args, ("size", "image_size"), ("crop_size", "image_size"),
                ("num_additional_image_tokens", ClassToken));
        return new() { ["best"] = Text(plan.Canvas), ["tokens"] = Text(plan.Tokens!.Value) };
    }

    private static Dictionary<string, string> MiniCpmSlices(JsonElement line, JsonElement args)
    {
        int Arg(string name) => args.GetProperty(name).GetInt32();
        int height = line.GetProperty("h").GetInt32();
        int width = line.GetProperty("w").GetInt32();
        int resolution = Arg("scale_resolution");
        int patch = Arg("patch_size");
        ImageSize? grid = MiniCpmVImageFamily.Slices(height, width, Arg("max_slice_nums"), resolution);
        ImageSize source = MiniCpmVImageFamily.Whole(height, width, resolution, patch, enlarges: grid is null);
        int slices = grid is { } cut ? (int)cut.Area : 0;
        return new()
        {
            ["grid"] = grid is { } g ? $"[{g.Width},{g.Height}]" : "null",
            ["source"] = $"[{source.Width},{source.Height}]",
            ["refine"] = grid is { } r && MiniCpmVImageFamily.Refined(height, width, r, resolution, patch) is var size
                ? $"[{size.Width},{size.Height}]"
                : "null",
            ["slices"] = Text(slices),
            ["tokens"] = Text((slices + 1) * Arg("query_num")),
        };
    }

    private static Dictionary<string, string> Letterbox(JsonElement line, JsonElement args)
    {
        ImagePlan plan = Plan(line, "JanusImageProcessor", args);
        return new()
        {
            ["H"] = Text(plan.Resized.Height),
            ["W"] = Text(plan.Resized.Width),
            ["x"] = Text((plan.Canvas.Width - plan.Resized.Width) / 2),
            ["y"] = Text((plan.Canvas.Height - plan.Resized.Height) / 2),
        };
    }

    private static Dictionary<string, string> PixtralSize(JsonElement line, JsonElement args)
    {
        string settings =
            $"{{\"size\": {{\"longest_edge\": {args.GetProperty("longest_edge")}}}, \"patch_size\": {args.GetProperty("patch_size")}, " +
            $"\"spatial_merge_size\": {args.GetProperty("spatial_merge_size")}}}";
        return Answer(Plan(line, "PixtralImageProcessor", settings), static plan => Sides(plan.Resized));
    }

    private static (string Name, int Value)[] Sides(ImageSize size) => [("H", size.Height), ("W", size.Width)];

    private static string Text(int value) => FormattableString.Invariant($"{value}");

    private static string Text(ImageSize size) => FormattableString.Invariant($"[{size.Height},{size.Width}]");
}
