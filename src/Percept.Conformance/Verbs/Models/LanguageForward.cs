using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a decoder over token ids: logits, hidden states, and what else its layers show.</summary>
internal static class LanguageForward
{
    internal static void Run(RunContext context, ILanguageModel model)
    {
        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        int[] positions = rows.Positions(context.Find("position_ids"));
        using GradientSwitch off = Gradients.Off();
        SequenceBatch batch = rows.Batch(positions, model.PositionAxes);
        var trace = new KeptTrace();
        Tensor hidden = model.Forward(model.Embed(rows.Pack(ids)), batch, trace);
        Give(context, rows, trace);
        if (context.Wants("logits"))
        {
            context.GiveRows("logits", model.Logits(hidden), rows.Places);
        }
    }

    /// <summary>Gives what a trace kept, as far as it is wanted.</summary>
    internal static void Give(RunContext context, PaddedRows rows, KeptTrace trace)
    {
        foreach (KeyValuePair<string, Tensor> seen in trace.Seen)
        {
            if (!context.Wants(seen.Key))
            {
                continue;
            }

            if (context.Want(seen.Key) is { Rank: 2 } && rows.Places.Count == seen.Value.Shape[0])
            {
                context.Give(seen.Key, seen.Value);
            }
            else
            {
                context.GiveRows(seen.Key, seen.Value, rows.Places);
            }
        }
    }
}
