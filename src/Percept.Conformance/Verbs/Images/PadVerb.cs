using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W] → <c>y</c> with pixels added on each side.</summary>
internal static class PadVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        Image image = PlanarImages.ToImage(context.Need("x"));
        PadMode mode = args.Choice("mode", "constant", "constant", "reflect", "replicate", "symmetric") switch
        {
            "reflect" => PadMode.Reflect,
            "replicate" => PadMode.Replicate,
            "symmetric" => PadMode.Symmetric,
            _ => PadMode.Constant,
        };
        int[] value = args.Ints("value", image.Format.Channels(), 0);
        Image padded = image.Pad(
            args.Int("left", 0), args.Int("top", 0), args.Int("right", 0), args.Int("bottom", 0), mode,
            [.. value.Select(static v => checked((byte)v))]);
        context.Give("y", PlanarImages.ToTensor(padded));
    }
}
