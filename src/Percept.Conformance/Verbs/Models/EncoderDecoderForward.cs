using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs an encoder-decoder over the tokens of both sides: logits, and the states of both.</summary>
internal static class EncoderDecoderForward
{
    internal static void Run(RunContext context, IEncoderDecoder model)
    {
        using GradientSwitch off = Gradients.Off();
        (PaddedRows sources, TextEncoding encoding) =
            TextEncoderForward.Encode(context, model.Encoder, context.Need("input_ids"), "encoder_");
        if (context.Wants("encoder_last_hidden_state"))
        {
            context.GiveRows("encoder_last_hidden_state", encoding.States, sources.Places);
        }

        CrossDecoderForward.Decode(context, model, sources, encoding.States, "decoder_");
    }
}
