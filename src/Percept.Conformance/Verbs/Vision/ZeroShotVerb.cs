using System.Globalization;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Classifies pictures by texts [classes, templates, T]: a class's weight is the normalised mean of its templates' embeddings.
/// </summary>
internal static class ZeroShotVerb
{
    private const string Top = "top";

    internal static void Run(RunContext context)
    {
        DualEncoder model = context.Model().As<DualEncoder>();
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        Dims sizes = Dims.Match(ids, "c n t");
        Shape flat = [sizes["c"] * sizes["n"], sizes["t"]];
        Tensor? mask = context.Find("attention_mask") is { } given ? Ops.Reshape(given, flat) : null;
        Tensor texts = model.EmbedTexts(Ops.Reshape(ids, flat), mask);
        Tensor classes = Ops.L2Normalize(Ops.Mean(Ops.Reshape(texts, [sizes["c"], sizes["n"], texts.Shape[1]]), 1));
        Tensor images = model.EmbedImages(VisionRuns.Input(context));
        Tensor logits = model.Logits(images, classes);
        context.Give("class_weights", classes);
        context.Give("image_embeds", images);
        context.Give("logits", logits);
        VisionRuns.GiveWanted(context, "probs", model.Probabilities(logits));
        foreach (string name in context.Run.Outputs.Select(output => output.Key))
        {
            if (name.StartsWith(Top, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(Top.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                context.Give(name, Ops.Cast(Ops.TopK(logits, count).Indices, DType.I64));
            }
        }
    }
}
