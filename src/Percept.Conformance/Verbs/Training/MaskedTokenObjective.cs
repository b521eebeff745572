using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The masked tokens of a text encoder: mean cross entropy over the labels, which are not shifted.</summary>
internal static class MaskedTokenObjective
{
    internal static Tensor Loss(TrainRun run)
    {
        var model = (IMaskedLanguageModel)run.Loaded.Model;
        RunContext context = run.Context;
        Tensor ids = context.Need("input_ids");
        long[] labels = Numbers.ReadIntegers(context.Need("labels"));
        (PaddedRows rows, TextEncoding encoding) = TextEncoderForward.Encode(context, model, ids, string.Empty);
        Tensor logits = model.Logits(encoding.States);
        run.GiveRows("logits", logits, rows.Places);
        long[] targets = [.. rows.Places.Select(place => labels[place])];
        return Ops.CrossEntropy(logits, Tensor.From(targets, [targets.Length]));
    }
}
