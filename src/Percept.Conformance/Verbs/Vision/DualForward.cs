using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs an image-text model on pictures and texts: embeddings, logits both ways, loss, probabilities.</summary>
internal static class DualForward
{
    internal static void Run(RunContext context, DualEncoder model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor images = model.EmbedImages(VisionRuns.Input(context));
        Tensor texts = model.EmbedTexts(context.Need("input_ids"), context.Find("attention_mask"));
        Tensor logits = model.Logits(images, texts);
        context.Give("image_embeds", images);
        context.Give("text_embeds", texts);
        context.Give("logits_per_image", logits);
        context.Give("logits_per_text", Ops.Transpose(logits));
        if (context.Wants("loss"))
        {
            context.Give("loss", model.Loss(logits));
        }

        if (context.Wants("probs"))
        {
            context.Give("probs", model.Probabilities(logits));
        }
    }
}
