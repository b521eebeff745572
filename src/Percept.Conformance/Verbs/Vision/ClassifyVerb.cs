using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Classifies pictures: logits, those of several heads, hidden states.</summary>
internal static class ClassifyVerb
{
    internal static void Run(RunContext context)
    {
        IImageClassifier model = VisionRuns.Vision<IImageClassifier>(context);
        using GradientSwitch off = Gradients.Off();
        var trace = new KeptTrace();
        ImageClasses classes = model.Classify(VisionRuns.Input(context), trace);
        VisionRuns.Give(context, trace);
        context.Give("logits", classes.Logits);
        VisionRuns.GiveWanted(context, "cls_logits", classes.ClassTokenLogits);
        VisionRuns.GiveWanted(context, "distillation_logits", classes.DistillationLogits);
    }
}
