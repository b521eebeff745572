using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>The positions of pictures with grids of their own, padded to <c>max_length</c> rows.</summary>
internal static class PositionEmbeddingsVerb
{
    internal static void Run(RunContext context)
    {
        IPositionTables model = VisionRuns.Vision<IPositionTables>(context);
        using GradientSwitch off = Gradients.Off();
        context.Give("position_embeddings", model.Positions(context.Need("spatial_shapes"), context.Args.Int("max_length")));
    }
}
