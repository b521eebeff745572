using Percept.Models;
using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>The losses that BLIP is trained with.</summary>
internal static class BlipObjectives
{
    /// <summary>Pictures and texts compared, and pairs judged, of which two thirds are wrong ones that look right.</summary>
    internal static Tensor Matching(TrainRun run)
    {
        var model = (IImageTextMatcher)run.Loaded.Model;
        RunContext context = run.Context;
        int[][] texts = Texts(context.Need("input_ids"), context.Need("attention_mask"));
        Tensor draws = context.Need("draws");
        MatchingLoss made = MatchingLoss.Of(
            model, model.EncodeImages(VisionRuns.Input(context)), texts, Row(draws, 0), Row(draws, 1));
        run.Give("itc", made.Contrast);
        run.Give("itm", made.Matching);
        run.Give("itm_logits", made.Logits);
        run.Give("negative_images", made.WrongImages);
        run.Give("negative_texts", made.WrongTexts);
        return made.Total;
    }

    /// <summary>Captions, token by token.</summary>
    internal static Tensor Captions(TrainRun run)
    {
        var model = (IImageCaptioner)run.Loaded.Model;
        RunContext context = run.Context;
        Tensor ids = context.Need("input_ids"), mask = context.Need("attention_mask"), labels = context.Need("labels");
        int batch = ids.Shape[0], length = ids.Shape[1];

        // All places are run: the reference gives logits of filled-up ones too, which see what stands before them.
        int[][] texts = [.. Enumerable.Range(0, batch).Select(
            row => (int[])[.. Enumerable.Range(0, length).Select(i => (int)Whole(ids, (row * length) + i))])];
        int[] lengths = [.. Texts(ids, mask).Select(text => text.Length)];
        Tensor logits = model.Logits(model.EncodeImages(VisionRuns.Input(context)), texts, lengths);
        run.Give("logits", Ops.Reshape(logits, [batch, length, logits.Shape[1]]));
        int[] rows = [.. Enumerable.Range(0, batch * length).Where(i => (i + 1) % length != 0)];
        long[] targets = [.. rows.Select(i => Whole(labels, i + 1))];
        return Ops.CrossEntropy(
            Ops.IndexSelect(logits, Tensor.From(rows, [rows.Length]), 0), Tensor.From(targets, [targets.Length]),
            new CrossEntropyOptions { LabelSmoothing = (float)model.LabelSmoothing });
    }

    private static long Whole(Tensor values, int at) =>
        values.DType == DType.I64 ? values.Span<long>()[at] : values.Span<int>()[at];

    private static Tensor Row(Tensor rows, int row) => Ops.Reshape(Ops.Narrow(rows, 0, row, 1), [rows.Shape[1]]);

    private static int[][] Texts(Tensor ids, Tensor mask)
    {
        int batch = ids.Shape[0], length = ids.Shape[1];
        return [.. Enumerable.Range(0, batch).Select(row => (int[])[.. Enumerable.Range(row * length, length)
            .Where(i => Whole(mask, i) != 0).Select(i => (int)Whole(ids, i))])];
    }
}
