using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Gives logits: of all places, or with <c>logits_to_keep</c> of that many at the end of each padded row.</summary>
internal static class KeptLogits
{
    /// <summary>Gives them, where they are wanted.</summary>
    /// <param name="context">The run.</param>
    /// <param name="model">The language model.</param>
    /// <param name="hidden">Float32 [N, D]: the packed rows after the last norm.</param>
    /// <param name="rows">Where they stand.</param>
    /// <param name="length">How long a padded row is.</param>
    internal static void Give(RunContext context, ILanguageModel model, Tensor hidden, PaddedRows rows, int length)
    {
        int kept = context.Args.Int("logits_to_keep", 0);
        if (!context.Wants("logits"))
        {
            return;
        }

        if (kept <= 0 || kept >= length)
        {
            context.GiveRows("logits", model.Logits(hidden), rows.Places);
            return;
        }

        int[] chosen = [.. Enumerable.Range(0, rows.Places.Count).Where(row => rows.Places[row] % length >= length - kept)];
        int[] places =
        [
            .. chosen.Select(row => (rows.Places[row] / length * kept) + (rows.Places[row] % length) - (length - kept)),
        ];
        context.GiveRows(
            "logits", model.Logits(Ops.IndexSelect(hidden, Tensor.From(chosen, [chosen.Length]), 0)), places);
    }
}
