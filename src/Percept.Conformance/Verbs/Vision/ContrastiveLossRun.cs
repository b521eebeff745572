using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// The contrastive loss of features of pictures and texts at a given temperature: both sides, their mean, the logits, and the
/// gradients of the features.
/// </summary>
internal static class ContrastiveLossRun
{
    internal static bool Takes(RunContext context) => context.Has("image_features") && context.Has("text_features");

    internal static void Run(RunContext context)
    {
        Tensor images = Ops.Clone(context.Need("image_features")).RequireGrad();
        Tensor texts = Ops.Clone(context.Need("text_features")).RequireGrad();
        Tensor logits = ContrastiveLoss.Logits(images, texts, (float)context.Args.Number("temperature"));
        Tensor loss = ContrastiveLoss.Softmax(logits);
        context.Give("loss", Ops.Clone(Ops.Detach(loss)));
        context.Give("logits", Ops.Clone(Ops.Detach(logits)));
        using (Gradients.Off())
        {
            VisionRuns.GiveWanted(context, "loss_i2t", ContrastiveLoss.OfRows(Ops.Detach(logits)));
            VisionRuns.GiveWanted(context, "loss_t2i", ContrastiveLoss.OfRows(Ops.Transpose(Ops.Detach(logits))));
        }

        Gradients.Backward(loss);
        VisionRuns.GiveWanted(context, "grad.image_features", images.Grad);
        VisionRuns.GiveWanted(context, "grad.text_features", texts.Grad);
    }
}
