using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W], bytes → <c>y</c> float32: times <c>scale</c>, less <c>mean</c>, over <c>std</c>.</summary>
internal static class RescaleNormalizeVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        Tensor x = context.Need("x");
        NormalizeOrder order = args.Choice("order", "pil", "pil", "fused") == "pil" ? NormalizeOrder.Pil : NormalizeOrder.Fused;
        var normalizer = new PixelNormalizer(args.Number("scale"), args.Numbers("mean"), args.Numbers("std"), order);
        float[] planes = new float[x.Shape.Count];
        normalizer.Apply(PlanarImages.ToImage(x), planes);
        context.Give("y", Tensor.From(planes, x.Shape));
    }
}
