using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W] → <c>y</c>, in the middle of a square of the colour <c>background</c>.</summary>
internal static class ExpandToSquareVerb
{
    internal static void Run(RunContext context)
    {
        Image image = PlanarImages.ToImage(context.Need("x"));
        int[] background = context.Args.Ints("background", image.Format.Channels(), 0);
        context.Give("y", PlanarImages.ToTensor(image.ExpandToSquare([.. background.Select(static v => checked((byte)v))])));
    }
}
