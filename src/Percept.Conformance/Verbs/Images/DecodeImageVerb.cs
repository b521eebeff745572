using System.Security.Cryptography;
using System.Text.Json;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Decodes the files of <c>images</c>, an object of names, each to <c>rgb.&lt;name&gt;</c>; or the file <c>image</c>. Outputs are named by Pillow's mode; <c>native</c> is the picture as decoded, in
/// <c>native_mode</c>; with <c>crop</c> they are the window, beside <c>size</c> and <c>RGB_sha256</c> of the whole.
/// </summary>
internal static class DecodeImageVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        if (args.Find("images") is { } images)
        {
            RunAll(context, images);
            return;
        }

        bool upright = args.Choice("orientation", "ignore", "ignore", "apply") == "apply";
        int[]? crop = args.IntsOrNone("crop");

        // The sampling factors of a JPEG file only describe it.
        args.Skip("sampling");
        string? nativeMode = args.Find("native_mode")?.GetString();
        Image image = ImageDecoder.Decode(
            context.Bytes(args.Text("image")), new ImageDecodeOptions { ApplyOrientation = upright });
        foreach (string output in context.Run.Outputs.Select(static pair => pair.Key))
        {
            context.Give(output, output switch
            {
                "size" => Tensor.From<long>([image.Width, image.Height], Shape.Create([2])),
                "RGB_sha256" => Tensor.From(SHA256.HashData(image.Convert(PixelFormat.Rgb).Pixels), Shape.Create([32])),
                "native" => Native(image, nativeMode, crop),
                _ => PillowModes.ToTensor(Window(image.Convert(PillowModes.Parse(output)), crop)),
            });
        }
    }

    private static void RunAll(RunContext context, JsonElement images)
    {
        foreach (JsonProperty file in images.EnumerateObject().Where(file => context.Wants($"rgb.{file.Name}")))
        {
            Image image = ImageDecoder.Decode(
                context.Bytes(file.Value.GetString()!), new ImageDecodeOptions { ApplyOrientation = false });
            context.Give($"rgb.{file.Name}", PillowModes.ToTensor(image.Convert(PixelFormat.Rgb)));
        }
    }

    private static Tensor Native(Image image, string? mode, int[]? crop)
    {
        if (mode is not null && image.Format != PillowModes.Parse(mode))
        {
            throw new InvalidDataException($"The picture is decoded as {image.Format}, expected mode '{mode}'.");
        }

        return PillowModes.ToTensor(Window(image, crop));
    }

    private static Image Window(Image image, int[]? crop)
    {
        if (crop is null)
        {
            return image;
        }

        if (crop is not [var x, var y, var width, var height])
        {
            throw new InvalidDataException($"The argument 'crop' has {crop.Length} numbers, expected x, y, width, height.");
        }

        var window = new Image(width, height, image.Format) { Palette = image.Palette };
        int bytes = image.Format.BytesPerPixel();
        for (int row = 0; row < height; row++)
        {
            image.Row(y + row).Slice(x * bytes, width * bytes).CopyTo(window.Row(row));
        }

        return window;
    }
}
