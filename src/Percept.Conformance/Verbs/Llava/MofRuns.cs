using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a model of a mixture of features.</summary>
internal static class MofRuns
{
    /// <summary>Both towers' states and tokens.</summary>
    internal static void Encode(RunContext context, MofModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor pixels = context.Need("pixel_values");
        context.Give("clip_features", model.ClipFeatures(pixels));
        context.Give("dino_features", model.DinoFeatures(pixels));
        context.Give("clip_tokens", model.ClipTokens(pixels));
        context.Give("dino_tokens", model.DinoTokens(pixels));
    }

    /// <summary>
    /// The authors' older way of putting pictures in: padding on the right stays in its row as tokens that are not seen, what a
    /// row is shorter is filled with zeros behind it, and the mask grows at its beginning.
    /// </summary>
    internal static void Splice(RunContext context, MofModel model)
    {
        Tensor images = context.Need("images"), ids = context.Need("input_ids");
        var batch = new SplicedBatch(ids, context.Find("attention_mask"), context.Find("labels"));
        Tensor[] pictures = [.. Enumerable.Range(0, images.Shape[0]).Select(i => model.Interleaved(images.Rows(i, 1)))];
        int used = 0, length = ids.Shape[1];
        var rows = new SplicedRow[ids.Shape[0]];
        var masks = new bool[rows.Length][];
        for (int row = 0; row < rows.Length; row++)
        {
            (int[] own, long[] labels, bool[] mask) = batch.Whole(row);
            if (!own.Contains(MarkedPrompt.ImageId))
            {
                throw new NotSupportedException($"Row {row} has no picture, which this way of putting pictures in does not know.");
            }

            rows[row] = SplicedRow.Of(model.Language, own, labels, pictures, ref used);
            masks[row] = [.. Enumerable.Repeat(true, rows[row].Labels.Length - length), .. mask];
        }

        SplicedBatch.GiveMasked(context, model.Language, rows, masks);
    }
}
