using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>The cosines and sines that turn patches.</summary>
internal static class RopeTablesVerb
{
    internal static void Run(RunContext context)
    {
        IRotaryGrids model = VisionRuns.Vision<IRotaryGrids>(context);
        using GradientSwitch off = Gradients.Off();
        (Tensor cos, Tensor sin) = model.RopeTables(context.Need("pixel_values"));
        context.Give("cos", cos);
        context.Give("sin", sin);
    }
}
