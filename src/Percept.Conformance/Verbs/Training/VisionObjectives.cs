using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The losses that vision models are trained with.</summary>
internal static class VisionObjectives
{
    /// <summary>Picture i belongs to text i: CLIP's loss or SigLIP's, as the model has it.</summary>
    internal static Tensor Contrastive(TrainRun run)
    {
        var model = (DualEncoder)run.Loaded.Model;
        RunContext context = run.Context;
        Tensor images = model.EmbedImages(VisionRuns.Input(context));
        Tensor texts = model.EmbedTexts(context.Need("input_ids"), context.Find("attention_mask"));
        Tensor logits = model.Logits(images, texts);
        run.Give("logits_per_image", logits);
        run.Give("logits_per_text", Ops.Transpose(logits));
        return model.Loss(logits);
    }

    /// <summary>Hidden patches, painted.</summary>
    internal static Tensor Reconstruction(TrainRun run)
    {
        MaskedReconstruction made = ((IMaskedReconstruction)run.Loaded.Model).Reconstruct(VisionRuns.Input(run.Context));
        run.Give("logits", made.Logits);
        run.Give("mask", made.Mask);
        run.Give("ids_restore", made.IdsRestore);
        return made.Loss;
    }

    /// <summary>The visual tokens of hidden patches.</summary>
    internal static Tensor VisualTokens(TrainRun run)
    {
        Tensor logits = ((IMaskedTokens)run.Loaded.Model).GuessTokens(VisionRuns.Input(run.Context));
        run.Give("logits", logits);
        return MaskedTokensVerb.Loss(logits, run.Context.Need("bool_masked_pos"), run.Context.Need("labels"));
    }

    /// <summary>Classes of pictures: mean cross entropy over the batch.</summary>
    internal static Tensor Classes(TrainRun run)
    {
        ImageClasses classes = ((IImageClassifier)run.Loaded.Model).Classify(VisionRuns.Input(run.Context));
        run.Give("logits", classes.Logits);
        return Ops.CrossEntropy(classes.Logits, run.Context.Need("labels"));
    }
}
