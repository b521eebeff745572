using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Hides patches of pictures and guesses their visual tokens.</summary>
internal static class MaskedTokensVerb
{
    internal static void Run(RunContext context)
    {
        IMaskedTokens model = VisionRuns.Vision<IMaskedTokens>(context);
        using GradientSwitch off = Gradients.Off();
        var trace = new KeptTrace();
        Tensor logits = model.GuessTokens(VisionRuns.Input(context), trace);
        VisionRuns.Give(context, trace);
        context.Give("logits", logits);
        if (context.Find("labels") is { } labels)
        {
            context.Give("loss", Loss(logits, context.Need("bool_masked_pos"), labels));
        }
    }

    /// <summary>The mean cross entropy of hidden patches, of which the labels are in the order of the mask.</summary>
    internal static Tensor Loss(Tensor logits, Tensor masked, Tensor labels)
    {
        int[] hidden = [.. Enumerable.Range(0, (int)masked.Count).Where(i => masked.Span<byte>()[i] != 0)];
        Tensor rows = Ops.Reshape(logits, [(int)masked.Count, logits.Shape[2]]);
        return Ops.CrossEntropy(Ops.IndexSelect(rows, Tensor.From(hidden, [hidden.Length]), 0), labels);
    }
}
