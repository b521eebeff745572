using System.Text.Json;
using Percept.Media;
using Percept.Models;

namespace Percept.Tests.Models;

/// <summary>Small settings of every class of image processors, and pictures to try them on.</summary>
internal static class ImageProcessorCases
{
    /// <summary>Class, further settings, the tensor of pixels, and how many numbers it has for a plan.</summary>
    internal static readonly (string Type, string Settings, string Pixels, Func<ImagePlan, long> Numbers)[] All =
    [
        Whole("BeitImageProcessor", "\"size\": 16, \"do_convert_rgb\": true"),
        Whole("BlipImageProcessor", "\"size\": {\"height\": 19, \"width\": 14}"),
        Whole("ChameleonImageProcessor", "\"size\": 16, \"crop_size\": 15"),
        Whole("CLIPImageProcessor", "\"size\": 15, \"crop_size\": [18, 13]"),
        Whole("DeepseekVLImageProcessor", "\"size\": 15, \"min_size\": 3"),
        Whole("DeepseekVLHybridImageProcessor", "\"size\": 9, \"high_res_size\": 20, \"min_size\": 3"),
        Whole("DetrImageProcessor", "\"size\": 15, \"max_size\": 25"),
        Whole("BitImageProcessor", "\"size\": 20, \"crop_size\": 16"),
        ("FuyuImageProcessor", "\"size\": [12, 24], \"patch_size\": 6", "images", static plan => 3 * plan.Canvas.Area),
        Tiles("Gemma3ImageProcessor",
            "\"size\": 12, \"do_pan_and_scan\": true, \"pan_and_scan_min_crop_size\": 5, " +
            "\"pan_and_scan_max_num_crops\": 4, \"pan_and_scan_min_ratio_to_activate\": 1.2"),
        Patches("Glm4vImageProcessor", "\"patch_size\": 3, \"size\": {\"shortest_edge\": 100, \"longest_edge\": 9000}", 2),
        Whole("GroundingDinoImageProcessor", "\"size\": {\"shortest_edge\": 15, \"longest_edge\": 27}"),
        Whole("IdeficsImageProcessor", "\"image_size\": 16"),
        Tiles("Idefics2ImageProcessor", "\"size\": {\"shortest_edge\": 10, \"longest_edge\": 22}"),
        Tiles("Idefics3ImageProcessor", "\"size\": {\"longest_edge\": 28}, \"max_image_size\": {\"longest_edge\": 7}"),
        Tiles("GotOcr2ImageProcessor", "\"size\": 10, \"crop_to_patches\": true, \"max_patches\": 7"),
        Whole("JanusImageProcessor", "\"size\": 16, \"min_size\": 3"),
        Rows("Kosmos2_5ImageProcessor", "\"patch_size\": 5, \"max_patches\": 14"),
        Tiles("Llama4ImageProcessor", "\"size\": 12, \"max_patches\": 6"),
        Tiles("LlavaNextImageProcessor",
            "\"size\": 10, \"crop_size\": 10, \"image_grid_pinpoints\": [[10, 20], [20, 10], [20, 20], [30, 10], [10, 40]]"),
        Tiles("LlavaOnevisionImageProcessor", "\"size\": [9, 9], \"image_grid_pinpoints\": [[9, 9], [9, 18], [27, 9], [36, 18]]"),
        Whole("LlavaImageProcessor", "\"size\": 16, \"crop_size\": 16, \"do_pad\": true"),
        ("MiniCPMV4_6ImageProcessor", "\"patch_size\": 4, \"scale_resolution\": 32, \"max_slice_nums\": 5", "pixel_values",
            static plan => 3 * (plan.Resized.Area + ((plan.Tiles - 1) * plan.Tile.Area))),
        ("MllamaImageProcessor", "\"size\": 9", "pixel_values", static plan => 4 * 3 * plan.Tile.Area),
        Whole("OpenClipTransform", "\"size\": [15, 12], \"resize_mode\": \"longest\""),
        Tiles("Ovis2ImageProcessor", "\"size\": 10, \"crop_to_patches\": true, \"max_patches\": 6"),
        Whole("OwlViTImageProcessor", "\"size\": 16"),
        ("Phi4MultimodalImageProcessor", "\"size\": 24, \"patch_size\": 6, \"dynamic_hd\": 5", "image_pixel_values",
            static plan => 3 * plan.Tiles * plan.Tile.Area),
        Rows("Pix2StructImageProcessor", "\"patch_size\": {\"height\": 5, \"width\": 5}, \"max_patches\": 14"),
        Whole("PixtralImageProcessor", "\"size\": {\"longest_edge\": 26}, \"patch_size\": 6"),
        Patches("Qwen2VLImageProcessor", "\"patch_size\": 3, \"min_pixels\": 100, \"max_pixels\": 9000", 2),
        Whole("SamImageProcessor", "\"size\": {\"longest_edge\": 19}, \"pad_size\": [20, 19]"),
        Whole("SiglipImageProcessor", "\"size\": [16, 17]"),
        ("Siglip2ImageProcessor", "\"patch_size\": 6, \"max_num_patches\": 12, \"do_convert_rgb\": true", "pixel_values",
            static _ => 12 * 6 * 6 * 3),
        Tiles("SmolVLMImageProcessor", "\"size\": {\"longest_edge\": 32}, \"max_image_size\": {\"longest_edge\": 8}"),
        ("VideoLlavaImageProcessor", "\"size\": 15, \"crop_size\": 14", "pixel_values_images", static plan => 3 * plan.Canvas.Area),
        Whole("VideoMAEImageProcessor", "\"size\": 14, \"crop_size\": 14"),
        Whole("ViltImageProcessor", "\"size\": 16, \"size_divisor\": 4"),
        Whole("ViTImageProcessor", "\"size\": 16"),
    ];

    internal static ImageProcessor Make(string type, string settings, string? overrides = null) => ImageProcessor.Create(
        Json($"{{\"image_processor_type\": \"{type}\", {settings}}}"), overrides is null ? null : Json(overrides));

    internal static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>A picture of a gradient with noise, the same at each call.</summary>
    internal static Image Picture(int height, int width, PixelFormat format = PixelFormat.Rgb)
    {
        var image = new Image(width, height, format);
        var random = new Random((height * 8191) + width);
        Span<byte> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i * 5) + random.Next(60));
        }

        return image;
    }

    private static (string, string, string, Func<ImagePlan, long>) Whole(string type, string settings) =>
        (type, settings, "pixel_values", static plan => 3 * plan.Canvas.Area);

    private static (string, string, string, Func<ImagePlan, long>) Tiles(string type, string settings) =>
        (type, settings, "pixel_values", static plan => 3 * plan.Tiles * plan.Tile.Area);

    private static (string, string, string, Func<ImagePlan, long>) Patches(string type, string settings, int frames) =>
        (type, settings, "pixel_values", plan => 3 * frames * plan.Resized.Area);

    private static (string, string, string, Func<ImagePlan, long>) Rows(string type, string settings) =>
        (type, settings, "flattened_patches", static _ => 14 * ((3 * 5 * 5) + 2));
}
