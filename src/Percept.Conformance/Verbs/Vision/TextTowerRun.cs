using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs the text tower of an image-text model: hidden states, the last state, the pooled vector, the feature.</summary>
internal static class TextTowerRun
{
    internal static void Run(RunContext context)
    {
        ITextTower model = context.Model().As<ITextTower>();
        using GradientSwitch off = Gradients.Off();
        var trace = new KeptTrace();
        TextTowerOutput output = model.EncodeText(context.Need("input_ids"), context.Find("attention_mask"), trace);
        VisionRuns.Give(context, trace);
        VisionRuns.GiveWanted(context, "last_hidden_state", output.LastHiddenState);
        VisionRuns.GiveWanted(context, "pooler_output", output.Pooled);
        VisionRuns.GiveWanted(context, "text_features", output.Features);
        VisionRuns.GiveWanted(context, "text_embeds", output.Features);
    }
}
