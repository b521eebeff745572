using System.Text.Json;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// Canvases and token counts of pictures cut into tiles: tables of a JSON file with named columns. Tables of transformers hold
/// one list of canvases (height, width) each; those of the authors' own code several (width, height), with columns for each.
/// </summary>
internal static class AnyresCountsVerb
{
    internal static void Run(RunContext context)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        JsonElement root = document.RootElement;
        context.JudgeAll("counts", root.TryGetProperty("pinpoints", out _)
            ? Grids(root).ToArray()
            : [.. root.EnumerateObject().SelectMany(table => Counts(table.Name, table.Value))]);
    }

    private static IEnumerable<string?> Counts(string name, JsonElement table)
    {
        string[] columns = [.. table.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        ImageProcessor processor = Processor(name, table);
        int side = table.TryGetProperty("tokens_per_side", out JsonElement tokens)
            ? tokens.GetInt32()
            : table.GetProperty("image_size").GetInt32() / table.GetProperty("patch_size").GetInt32();
        int tile = table.GetProperty("image_size").GetInt32();
        foreach (JsonElement row in table.GetProperty("rows").EnumerateArray())
        {
            int[] wanted = [.. row.EnumerateArray().Select(item => item.GetInt32())];
            int At(string column) => wanted[Array.IndexOf(columns, column)];
            ImagePlan plan = processor.Plan(At("height"), At("width"));
            ImageSize kept = AnyRes.Unpadded(
                At("height"), At("width"), new(plan.Canvas.Height / tile * side, plan.Canvas.Width / tile * side)).Size;
            int[] got =
            [
                .. columns.Select(column => column switch
                {
                    "height" or "width" => At(column),
                    "best_height" => plan.Canvas.Height,
                    "best_width" => plan.Canvas.Width,
                    "unpadded_rows" => kept.Height,
                    "unpadded_cols" => kept.Width,
                    "features" => plan.Tokens!.Value,
                    _ => throw new NotUnderstoodException($"the column '{column}' is not known"),
                }),
            ];
            yield return TokenAnswers.Compare($"{name} {At("height")}×{At("width")}", wanted, got);
        }
    }

    /// <summary>The processor of a table; where a table tells tokens a side, its name tells OneVision's rule.</summary>
    private static ImageProcessor Processor(string name, JsonElement table)
    {
        string canvases = table.GetProperty("image_grid_pinpoints").GetRawText();
        int image = table.GetProperty("image_size").GetInt32();
        bool isOneVision = table.TryGetProperty("tokens_per_side", out JsonElement side);
        string size = $"{{\"height\": {image}, \"width\": {image}}}";
        string settings = isOneVision
            ? $"{{\"image_grid_pinpoints\": {canvases}, \"size\": {size}, \"num_image_tokens\": {side.GetInt32() * side.GetInt32()}, " +
              $"\"vision_aspect_ratio\": \"{name[(name.LastIndexOf(' ') + 1)..]}\"}}"
            : $"{{\"image_grid_pinpoints\": {canvases}, \"size\": {size}, \"crop_size\": {size}, " +
              $"\"patch_size\": {table.GetProperty("patch_size")}, \"num_additional_image_tokens\": 1, " +
              "\"vision_feature_select_strategy\": \"default\"}";
        using JsonDocument document = JsonDocument.Parse(settings);
        return ImageProcessor.Create(
            ImageFamilies.FindByModel(isOneVision ? "llava_onevision" : "llava_next"), document.RootElement);
    }

    private static IEnumerable<string?> Grids(JsonElement table)
    {
        string[] columns = [.. table.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        int tile = table.GetProperty("tile").GetInt32();
        int side = table.GetProperty("tokens_per_side").GetInt32();
        ImageSize[][] lists =
        [
            .. table.GetProperty("pinpoints").EnumerateArray().Select(list =>
                list.EnumerateArray().Select(canvas => new ImageSize(canvas[1].GetInt32(), canvas[0].GetInt32())).ToArray()),
        ];
        string[] each = ["grid_w", "grid_h", "unpadded_rows", "unpadded_cols"];
        string[] known = ["width", "height", .. lists.SelectMany(_ => each)];
        if (!columns.SequenceEqual(known))
        {
            throw new NotUnderstoodException($"the columns '{string.Join(", ", columns)}' are not known");
        }

        foreach (JsonElement row in table.GetProperty("rows").EnumerateArray())
        {
            int[] wanted = [.. row.EnumerateArray().Select(item => item.GetInt32())];
            int[] got = [wanted[0], wanted[1], .. lists.SelectMany(list => Grid(wanted[1], wanted[0], list, tile, side))];
            yield return TokenAnswers.Compare($"{wanted[0]}×{wanted[1]}", wanted, got);
        }
    }

    private static int[] Grid(int height, int width, ImageSize[] canvases, int tile, int side)
    {
        ImageSize best = AnyRes.BestResolution(height, width, canvases);
        var grid = new ImageSize(best.Height / tile, best.Width / tile);
        ImageSize kept = AnyRes.Unpadded(height, width, new(grid.Height * side, grid.Width * side), rounds: false).Size;
        return [grid.Width, grid.Height, kept.Height, kept.Width];
    }
}
