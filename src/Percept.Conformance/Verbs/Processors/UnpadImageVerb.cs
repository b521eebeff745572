using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Cuts the padding off features <c>x</c> [C, rows, columns] of a picture on a canvas: <c>y</c>.</summary>
internal static class UnpadImageVerb
{
    internal static void Run(RunContext context)
    {
        Tensor features = context.Need("x");
        int[] original = context.Args.Ints("original_size_hw", 2);
        ImageSize size = new(features.Shape[1], features.Shape[2]);
        (int row, int column, ImageSize kept) = AnyRes.Unpadded(original[0], original[1], size);
        var result = new float[checked(features.Shape[0] * (int)kept.Area)];
        ReadOnlySpan<float> source = features.Span<float>();
        for (int i = 0; i < result.Length; i++)
        {
            int channel = i / (int)kept.Area;
            int y = (i / kept.Width % kept.Height) + row;
            int x = (i % kept.Width) + column;
            result[i] = source[(((channel * size.Height) + y) * size.Width) + x];
        }

        context.Give("y", Tensor.From(result, [features.Shape[0], kept.Height, kept.Width]));
    }
}
