using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Hides patches of pictures and paints them.</summary>
internal static class MaskedReconstructionVerb
{
    internal static void Run(RunContext context)
    {
        IMaskedReconstruction model = VisionRuns.Vision<IMaskedReconstruction>(context);
        using GradientSwitch off = Gradients.Off();
        var trace = new KeptTrace();
        MaskedReconstruction made = model.Reconstruct(VisionRuns.Input(context), trace);
        VisionRuns.Give(context, trace);
        VisionRuns.GiveWanted(context, "loss", made.Loss);
        VisionRuns.GiveWanted(context, "logits", made.Logits);
        VisionRuns.GiveWanted(context, "mask", made.Mask);
        VisionRuns.GiveWanted(context, "ids_restore", made.IdsRestore);
        VisionRuns.GiveWanted(context, "latent", made.Latent);
        VisionRuns.GiveWanted(context, "target", made.Target);
        VisionRuns.GiveWanted(context, "reconstruction", made.Reconstruction);
    }
}
