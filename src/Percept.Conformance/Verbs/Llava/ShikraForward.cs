using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Runs Shikra: behind each <c>im_start_token</c> of a row that has any <c>im_patch_token</c>, the next picture's rows overwrite
/// as many places, and <c>im_end_token</c> must follow.
/// </summary>
internal static class ShikraForward
{
    internal static void Run(RunContext context, ShikraModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        Tensor features = model.Features(context.Need("images"));
        context.Give("image_features", features);
        int[] all = Numbers.ReadInts(ids);
        IReadOnlyList<MediaSpan> spans = Spans(context, all, ids.Shape[1], features);
        Tensor embeddings = EmbeddingSplicer.Embed(model.Language, all, 0, spans, media => media.Pixels);
        int hidden = model.Language.HiddenSize;
        Tensor whole = Ops.Reshape(embeddings, [ids.Shape[0], ids.Shape[1], hidden]);
        context.GiveRows("inputs_embeds", rows.Pack(whole), rows.Places);
        int[] positions = rows.Positions(context.Find("position_ids"));
        var trace = new KeptTrace();
        Tensor states = model.Language.Forward(rows.Pack(whole), rows.Batch(positions, model.Language.PositionAxes), trace);
        trace.Give(context, rows);
        KeptLogits.Give(context, model.Language, states, rows, ids.Shape[1]);
    }

    private static List<MediaSpan> Spans(RunContext context, int[] ids, int length, Tensor features)
    {
        int patch = context.Args.Int("im_patch_token"), start = context.Args.Int("im_start_token"), end = context.Args.Int("im_end_token");
        int count = features.Shape[1], used = 0;
        var spans = new List<MediaSpan>();
        for (int place = 0; place < ids.Length; place++)
        {
            int row = place / length * length;
            if (ids[place] != start || !ids.AsSpan(row, length).Contains(patch))
            {
                continue;
            }

            int behind = place + count + 1;
            if (behind >= row + length || ids[behind] != end)
            {
                throw new InvalidDataException($"Token {end} does not stand {count + 1} places behind token {start} at place {place}.");
            }

            Tensor own = features.Rows(used++, 1).View([count, features.Shape[2]]);
            spans.Add(new MediaSpan(
                place + 1, count, new MediaInput { Kind = MediaKind.Image, Pixels = own, Size = default, Tokens = count }));
        }

        return spans;
    }
}
