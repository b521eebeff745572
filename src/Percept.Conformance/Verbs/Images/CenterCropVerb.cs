using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W] → <c>y</c>, the middle of <c>size</c> [h, w] by the rounding <c>rule</c>.</summary>
internal static class CenterCropVerb
{
    internal static void Run(RunContext context)
    {
        int[] size = context.Args.Ints("size", 2);
        CenterCropRule rule = context.Args.Choice(
            "rule", "transformers_pil", "transformers_pil", "transformers_torchvision", "torchvision") switch
        {
            "transformers_torchvision" => CenterCropRule.TransformersTorchvision,
            "torchvision" => CenterCropRule.Torchvision,
            _ => CenterCropRule.TransformersPil,
        };
        context.Give("y", PlanarImages.ToTensor(PlanarImages.ToImage(context.Need("x")).CenterCrop(size[1], size[0], rule)));
    }
}
