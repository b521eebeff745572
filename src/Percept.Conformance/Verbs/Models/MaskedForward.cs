using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Runs a decoder over a padded batch and gives hidden states and logits of the places that hold tokens.</summary>
internal static class MaskedForward
{
    /// <summary>
    /// Runs it: packed, without padding; or with all places, where a mask hides some inside a text and layers see a window
    /// of places.
    /// </summary>
    /// <param name="context">The run: <c>attention_mask</c>, <c>position_ids</c>.</param>
    /// <param name="model">The decoder.</param>
    /// <param name="samples">How many rows the batch has.</param>
    /// <param name="length">How long they are.</param>
    /// <param name="embed">Makes the embeddings of the places given.</param>
    internal static void Run(RunContext context, ILanguageModel model, int samples, int length, Func<PaddedRows, Tensor> embed)
    {
        PaddedRows rows = PaddedRows.Of(samples, length, context.Find("attention_mask"));
        bool whole = rows.HasHoles && model.HasWindows;
        PaddedRows run = whole ? PaddedRows.Of(samples, length, null) : rows;
        int[] positions = run.Positions(context.Find("position_ids"), model.CountsTokens);
        SequenceBatch batch = whole
            ? SeenPadding.Batch(model.PositionAxes, rows, samples, length, positions)
            : rows.Batch(positions, model.PositionAxes);
        var trace = new KeptTrace();
        Tensor hidden = model.Forward(embed(run), batch, trace);
        if (whole)
        {
            trace.Narrow(rows.Places);
            hidden = Ops.IndexSelect(hidden, Tensor.From(rows.Places.ToArray(), [rows.Places.Count]), 0);
        }

        trace.Give(context, rows);
        KeptLogits.Give(context, model, hidden, rows, length);
    }
}
