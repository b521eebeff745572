using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>pixels</c> [H, W, C] of mode <c>mode</c> → <c>pixels</c> of the size asked for.</summary>
internal static class ResizeImageVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;

        // Which pass comes first follows from the sizes.
        args.Skip("first_pass");
        Image image = PillowModes.ToImage(context.Need("pixels"), PillowModes.Parse(args.Text("mode", "RGB")));
        ResampleFilter filter = args.Choice(
            "filter", "bicubic", "nearest", "box", "bilinear", "hamming", "bicubic", "lanczos") switch
        {
            "nearest" => ResampleFilter.Nearest,
            "box" => ResampleFilter.Box,
            "bilinear" => ResampleFilter.Bilinear,
            "hamming" => ResampleFilter.Hamming,
            "lanczos" => ResampleFilter.Lanczos,
            _ => ResampleFilter.Bicubic,
        };
        Image resized = image.Resize(
            args.Int("width"), args.Int("height"), filter, Box(args, "box"), args.NumberOrNone("reducing_gap"));
        context.Give("pixels", PillowModes.ToTensor(resized));
    }

    /// <summary>Left, upper, right, lower; null when the setting is not there.</summary>
    internal static ImageBox? Box(RunArgs args, string name)
    {
        if (!args.Has(name))
        {
            return null;
        }

        return args.Numbers(name) is [var left, var top, var right, var bottom]
            ? new ImageBox(left, top, right, bottom)
            : throw new InvalidDataException($"The argument '{name}' must have four numbers.");
    }
}
