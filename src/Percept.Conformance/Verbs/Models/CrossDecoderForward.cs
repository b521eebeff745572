using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a decoder over token ids and the states of an encoder that is not part of the checkpoint.</summary>
internal static class CrossDecoderForward
{
    internal static void Run(RunContext context, ICrossDecoder model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor states = context.Need("encoder_hidden_states");
        PaddedRows sources = PaddedRows.Of(states.Shape[0], states.Shape[1], context.Find("encoder_attention_mask"));
        Decode(context, model, sources, sources.Pack(states), string.Empty);
    }

    /// <summary>Runs the decoder and gives its logits and states, as far as they are wanted.</summary>
    /// <param name="context">The run.</param>
    /// <param name="model">The model.</param>
    /// <param name="sources">The places of the encoder's states.</param>
    /// <param name="states">The encoder's states, packed.</param>
    /// <param name="prefix">What stands in front of the names of the decoder's inputs and outputs.</param>
    internal static void Decode(RunContext context, ICrossDecoder model, PaddedRows sources, Tensor states, string prefix)
    {
        Tensor ids = context.Need($"{prefix}input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find($"{prefix}attention_mask"));
        SequenceBatch batch = rows.Batch(rows.Positions(context.Find($"{prefix}position_ids")), axes: 1);
        CrossMemory[] memories =
            [.. Enumerable.Range(0, batch.Count).Select(i => model.Remember(sources.RowsOf(states, i)))];
        for (int i = 0; i < memories.Length; i++)
        {
            batch.SetMemory(i, memories[i]);
        }

        ILanguageModel decoder = model.Decoder;
        var trace = new KeptTrace();
        Tensor hidden = decoder.Forward(decoder.Embed(rows.Pack(ids)), batch, trace);
        trace.Give(context, rows, prefix);
        KeptLogits.Give(context, decoder, hidden, rows, ids.Shape[1]);

        Array.ForEach(memories, memory => memory.Dispose());
    }
}
