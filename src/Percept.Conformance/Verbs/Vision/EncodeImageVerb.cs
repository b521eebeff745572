using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a vision encoder: hidden states, the last state, the pooled vector, the feature.</summary>
internal static class EncodeImageVerb
{
    internal static void Run(RunContext context)
    {
        IVisionEncoder model = context.Model().As<IVisionEncoder>();
        using GradientSwitch off = Gradients.Off();
        var trace = new KeptTrace();
        VisionInput input = VisionRuns.Input(context);
        VisionOutput output = model.Encode(input, trace);
        VisionRuns.Give(context, trace, input.PatchMask);
        VisionRuns.Give(context, output, input.PatchMask);
        if (model is IVisionTower tower && context.Wants("spatial_features"))
        {
            context.Give("spatial_features", Ops.Slice(output.LastHiddenState, 1, tower.PrefixTokens));
        }
    }
}
