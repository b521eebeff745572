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
        int[] positions = rows.Positions(context.Find("position_ids"), model.CountsTokens);
        using GradientSwitch off = Gradients.Off();
        SequenceBatch batch = rows.Batch(positions, model.PositionAxes);
        var trace = new KeptTrace();
        Tensor hidden = model.Forward(model.Embed(rows.Pack(ids)), batch, trace);
        trace.Give(context, rows);
        KeptLogits.Give(context, model, hidden, rows, ids.Shape[1]);
    }
}
