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
        using GradientSwitch off = Gradients.Off();
        MaskedForward.Run(context, model, ids.Shape[0], ids.Shape[1], rows => model.Embed(rows.Pack(ids)));
    }
}
