using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a text encoder over token ids: states of tokens and texts, and the logits of its heads.</summary>
internal static class TextEncoderForward
{
    internal static void Run(RunContext context, ITextEncoder model)
    {
        Tensor ids = context.Need("input_ids");
        using GradientSwitch off = Gradients.Off();
        (PaddedRows rows, TextEncoding encoding) = Encode(context, model, ids, string.Empty);
        GiveIfWanted(context, rows, "last_hidden_state", encoding.States);
        if (encoding.Pooled is { } pooled)
        {
            context.Give("pooler_output", pooled);
        }

        if (model is IMaskedLanguageModel heads)
        {
            GiveIfWanted(context, rows, "logits", heads.Logits(encoding.States));
            if (heads.JudgesPairs && encoding.Pooled is { } state)
            {
                context.Give("seq_relationship_logits", heads.NextSentence(state));
            }
        }
    }

    /// <summary>Encodes padded texts and gives the hidden states, as far as they are wanted.</summary>
    /// <param name="context">The run.</param>
    /// <param name="model">The encoder.</param>
    /// <param name="ids">[B, T].</param>
    /// <param name="prefix">What stands in front of the hidden states' names.</param>
    internal static (PaddedRows Rows, TextEncoding Encoding) Encode(
        RunContext context, ITextEncoder model, Tensor ids, string prefix)
    {
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        Tensor placed = Place(model, ids);
        Tensor? given = context.Find("position_ids") is { } positions
            ? Ops.Subtract(Ops.Cast(positions, DType.I32), Tensor.From([model.FirstPosition], [1]))
            : null;
        if (context.Wants("position_ids"))
        {
            context.Give("position_ids", Ops.Cast(Ops.Add(placed, Tensor.From([model.FirstPosition], [1])), DType.I64));
        }

        var input = new TextInput(rows.Pack(ids))
        {
            Types = context.Find("token_type_ids") is { } types ? rows.Pack(types) : null,
        };
        var trace = new KeptTrace();
        TextEncoding encoding = model.Encode(input, rows.Batch(rows.Positions(given ?? placed), axes: 1), trace);
        trace.Give(context, rows, prefix);
        return (rows, encoding);
    }

    /// <summary>The positions that the model gives the tokens of padded rows: I32 [B, T].</summary>
    private static Tensor Place(ITextEncoder model, Tensor ids)
    {
        int batches = ids.Shape[0], length = ids.Shape[1];
        Tensor numbers = Ops.Cast(ids, DType.I32), placed = Ops.Empty([batches, length], DType.I32);
        for (int b = 0; b < batches; b++)
        {
            model.Place(numbers.Span<int>().Slice(b * length, length), placed.Writable<int>().Slice(b * length, length));
        }

        return placed;
    }

    private static void GiveIfWanted(RunContext context, PaddedRows rows, string output, Tensor states)
    {
        if (context.Wants(output))
        {
            context.GiveRows(output, states, rows.Places);
        }
    }
}
