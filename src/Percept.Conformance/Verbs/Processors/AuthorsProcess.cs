using System.Text.Json;
using Percept.Media;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// Runs the image step of LLaVA's own code: the tower's processor, with <c>config.image_aspect_ratio</c> <c>pad</c> on squares of
/// the mean colour, with <c>anyres</c> on tiles of the canvases <c>image_grid_pinpoints</c> (width, height).
/// </summary>
internal static class AuthorsProcess
{
    internal static bool Takes(RunContext context) =>
        context.Run.Args.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object
        && context.Run.Args.TryGetProperty("images", out _) && !ProcessVerb.HasText(context);

    internal static void Run(RunContext context)
    {
        JsonElement config = context.Args.Need("config");
        string ratio = config.TryGetProperty("image_aspect_ratio", out JsonElement given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()!
            : "";
        (string model, string overrides) = ratio switch
        {
            "" => ("clip", "{}"),
            "pad" => ("llava", "{\"do_pad\": true}"),
            "anyres" => ("llava_next", $"{{\"do_pad\": false, \"image_grid_pinpoints\": {Turned(config.GetProperty("image_grid_pinpoints"))}}}"),
            _ => throw new NotUnderstoodException($"the aspect ratio '{ratio}' is not known"),
        };
        using JsonDocument whole = Json(context, "checkpoint/config.json");
        string tower = whole.RootElement.GetProperty("mm_vision_tower").GetString()!;
        using JsonDocument settings = Json(context, $"checkpoint/{tower}/preprocessor_config.json");
        using JsonDocument own = JsonDocument.Parse(overrides);
        ImageProcessor processor = ImageProcessor.Create(ImageFamilies.FindByModel(model), settings.RootElement, own.RootElement);
        Image[] images =
        [
            .. context.Args.Need("images").EnumerateArray()
                .Select(file => ImageDecoder.Decode(context.Bytes(file.GetString()!)).Convert(PixelFormat.Rgb)),
        ];
        if (context.Wants("pixel_values"))
        {
            context.Give("pixel_values", processor.Process(images)["pixel_values"]);
            return;
        }

        for (int i = 0; i < images.Length; i++)
        {
            Tensors.Tensor tiles = processor.Process([images[i]])["pixel_values"];
            context.Give(FormattableString.Invariant($"pixel_values.{i}"), tiles.View(tiles.Shape.Without(0)));
        }
    }

    /// <summary>Canvases (width, height) as (height, width).</summary>
    private static string Turned(JsonElement canvases) =>
        $"[{string.Join(", ", canvases.EnumerateArray().Select(canvas => $"[{canvas[1]}, {canvas[0]}]"))}]";

    private static JsonDocument Json(RunContext context, string file) => JsonDocument.Parse(context.Bytes(file));
}
