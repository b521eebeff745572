using System.Text.Json;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The tiles of a picture: <c>grid_shape</c> [rows, columns] of the best canvas, and how many with the whole view.</summary>
internal static class AnyresGridVerb
{
    internal static void Run(RunContext context)
    {
        int[] size = context.Args.Ints("image_size_hw", 2);
        int patch = context.Args.Int("patch_size");
        ImageSize best = AnyRes.BestResolution(
            size[0], size[1], Canvases(context.Args.Need("grid_pinpoints_hw")));
        context.Give("grid_shape", Tensor.From<long>([best.Height / patch, best.Width / patch], [2]));
        int tiles = (best.Height + patch - 1) / patch * ((best.Width + patch - 1) / patch);
        context.Give("num_patches", Tensor.From<long>([tiles + 1], []));
    }

    /// <summary>A list of [height, width], or the one list that cases tell in words.</summary>
    internal static ImageSize[] Canvases(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString() == "384 * (i, j), i and j in 1..6, i outer"
            ? [.. from i in Enumerable.Range(1, 6) from j in Enumerable.Range(1, 6) select new ImageSize(384 * i, 384 * j)]
            : throw new InvalidDataException($"The canvases '{value.GetString()}' are not understood.")
        : [.. value.EnumerateArray().Select(canvas => new ImageSize(canvas[0].GetInt32(), canvas[1].GetInt32()))];
}
