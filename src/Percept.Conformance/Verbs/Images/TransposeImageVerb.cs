using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Turns or mirrors <c>x</c> [C, H, W] into <c>y</c>, as Pillow's <c>transpose</c>.</summary>
internal static class TransposeImageVerb
{
    internal static void Run(RunContext context)
    {
        ImageTurn turn = context.Args.Text("method") switch
        {
            "flip_left_right" => ImageTurn.FlipLeftRight,
            "flip_top_bottom" => ImageTurn.FlipTopBottom,
            "rotate_90" => ImageTurn.Rotate90,
            "rotate_180" => ImageTurn.Rotate180,
            "rotate_270" => ImageTurn.Rotate270,
            "transpose" => ImageTurn.Transpose,
            "transverse" => ImageTurn.Transverse,
            var other => throw new InvalidDataException($"There is no turn '{other}'."),
        };
        context.Give("y", PlanarImages.ToTensor(PlanarImages.ToImage(context.Need("x")).Turned(turn)));
    }
}
