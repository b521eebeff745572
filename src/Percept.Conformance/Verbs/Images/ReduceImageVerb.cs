using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>pixels</c> [H, W, C] → <c>pixels</c> shrunk by the whole numbers <c>factor</c> [x, y].</summary>
internal static class ReduceImageVerb
{
    internal static void Run(RunContext context)
    {
        int[] factor = context.Args.Ints("factor", 2);
        PixelFormat format = PillowModes.Parse(context.Args.Text("mode", "RGB"));
        Image image = PillowModes.ToImage(context.Need("pixels"), format);
        Image reduced = image.Reduce(factor[0], factor[1], ResizeImageVerb.Box(context.Args, "box"));
        context.Give("pixels", PillowModes.ToTensor(reduced));
    }
}
