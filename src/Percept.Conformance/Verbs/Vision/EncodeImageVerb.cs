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
        VisionOutput output = model.Encode(VisionRuns.Input(context), trace);
        VisionRuns.Give(context, trace);
        VisionRuns.Give(context, output);
        if (model is IVisionTower tower && context.Wants("spatial_features"))
        {
            context.Give("spatial_features", Ops.Slice(output.LastHiddenState, 1, tower.PrefixTokens));
        }
    }
}
