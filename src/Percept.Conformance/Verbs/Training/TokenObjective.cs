using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// The supervised tokens of a language model, with pictures or without: mean cross entropy over all labels of the batch, and the
/// loss that spreads tokens over experts where the model's configuration asks for it.
/// </summary>
internal static class TokenObjective
{
    /// <summary>The language model of a run; null when it has none.</summary>
    internal static ILanguageModel? LanguageOf(TrainRun run) =>
        run.Loaded.Model as ILanguageModel ?? (run.Loaded.Model as LlavaModel)?.Language;

    internal static Tensor Loss(TrainRun run, double? items)
    {
        RunContext context = run.Context;
        long[] labels = Numbers.ReadIntegers(context.Need("labels"));
        var trace = new RouterTrace();
        (Tensor logits, PaddedRows rows, int length) = Logits(run, trace, labels);
        run.GiveRows("logits", logits, rows.Places);
        Tensor targets = Targets(rows, labels, length);
        Tensor loss = Ops.CrossEntropy(logits, targets, new CrossEntropyOptions { Divisor = items });
        if (LanguageOf(run)!.Balance is { } balance && trace.Loss(balance) is { } spread)
        {
            run.Give("aux_loss", spread);
            loss = Ops.Add(loss, Ops.Scale(spread, balance.Weight));
        }

        return loss;
    }

    /// <summary>The logits of the packed places of the run's ids [B, T], and where they stand.</summary>
    /// <param name="run">The run.</param>
    /// <param name="trace">Sees what the layers show; null for nobody.</param>
    /// <param name="labels">Labels [B·T]; where one follows padding, padding is run too, as in the reference. Null for none.</param>
    internal static (Tensor Logits, PaddedRows Rows, int Length) Logits(TrainRun run, ForwardTrace? trace = null, long[]? labels = null)
    {
        RunContext context = run.Context;
        ILanguageModel language = LanguageOf(run)!;
        Tensor ids = context.Need("input_ids");
        int length = ids.Shape[1];
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], length, context.Find("attention_mask"));
        PaddedRows shown = rows;
        if (labels is not null && FollowPadding(rows, labels, length))
        {
            rows = PaddedRows.Of(ids.Shape[0], length, null);
        }

        Tensor packed = rows.Pack(ids);
        Tensor embeddings = run.Loaded.Model is LlavaModel llava ? LlavaForward.Embed(context, llava, packed) : language.Embed(packed);
        int[] positions = rows.Positions(context.Find("position_ids"), language.CountsTokens);
        SequenceBatch batch = context.Has("position_ids") ? Packed(positions, language.PositionAxes)
            : rows != shown ? SeenPadding.Batch(language.PositionAxes, shown, ids.Shape[0], length, positions)
            : rows.Batch(positions, language.PositionAxes);
        return (language.Logits(language.Forward(embeddings, batch, trace)), rows, length);
    }

    /// <summary>What follows each packed place: −100 where nothing does, or where it does not count.</summary>
    internal static Tensor Targets(PaddedRows rows, long[] labels, int length)
    {
        long[] targets = [.. rows.Places.Select(place => (place + 1) % length == 0 ? SplicedRow.Ignored : labels[place + 1])];
        return Tensor.From(targets, [targets.Length]);
    }

    /// <summary>Whether a label that counts stands behind a place without a token.</summary>
    private static bool FollowPadding(PaddedRows rows, long[] labels, int length)
    {
        var shown = new HashSet<int>(rows.Places);
        return Enumerable.Range(0, labels.Length)
            .Any(place => place % length != 0 && labels[place] != SplicedRow.Ignored && !shown.Contains(place - 1));
    }

    /// <summary>Several texts in one row: one begins wherever positions begin anew.</summary>
    private static SequenceBatch Packed(int[] positions, int axes)
    {
        var batch = new SequenceBatch(axes);
        for (int start = 0; start < positions.Length;)
        {
            int end = start + 1;
            while (end < positions.Length && positions[end] != 0)
            {
                end++;
            }

            int[] own = positions[start..end];
            batch.Add((int[])[.. Enumerable.Repeat(own, axes).SelectMany(same => same)]);
            start = end;
        }

        return batch;
    }
}
