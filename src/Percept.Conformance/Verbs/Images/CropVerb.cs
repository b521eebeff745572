using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W] → <c>y</c>, its part <c>box</c> [left, upper, right, lower]; zero outside.</summary>
internal static class CropVerb
{
    internal static void Run(RunContext context)
    {
        int[] box = context.Args.Ints("box", 4);
        Image image = PlanarImages.ToImage(context.Need("x"));
        context.Give("y", PlanarImages.ToTensor(image.Crop(box[0], box[1], box[2], box[3])));
    }
}
