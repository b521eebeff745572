using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Feeds a sequence in pieces through one cache: the logits of all pieces, one after the other.</summary>
internal static class ForwardCachedVerb
{
    internal static void Run(RunContext context)
    {
        ILanguageModel model = context.Model().As<ILanguageModel>();
        Tensor ids = context.Need("input_ids");
        int[] chunks = context.Args.Ints("chunks");
        int batches = ids.Shape[0], length = ids.Shape[1];
        if (chunks.Sum() != length)
        {
            throw new InvalidDataException($"The chunks have {chunks.Sum()} tokens, the input {length}.");
        }

        using GradientSwitch off = Gradients.Off();
        PaddedRows rows = PaddedRows.Of(batches, length, context.Find("attention_mask"));
        if (rows.HasHoles && model.HasWindows)
        {
            throw new NotUnderstoodException(
                "a hole in 'attention_mask' is not known of caches of layers that see a window of places; use a mask without a hole, " +
                "or the verb 'forward', which knows it");
        }

        int[] positions = rows.Positions(context.Find("position_ids"), model.CountsTokens);
        Tensor packed = rows.Pack(ids);
        KvCache[] caches = [.. Enumerable.Range(0, batches).Select(_ => new KvCache(model.CacheShapes))];
        var batch = new SequenceBatch(model.PositionAxes);
        var parts = new List<Tensor>();
        var places = new List<int>();
        int start = 0;
        foreach (int count in chunks)
        {
            int[] piece =
            [
                .. Enumerable.Range(0, rows.Places.Count)
                    .Where(i => rows.Places[i] % length >= start && rows.Places[i] % length < start + count),
            ];
            start += count;
            if (piece.Length == 0)
            {
                continue;
            }

            batch.Clear();
            foreach (IGrouping<int, int> own in piece.GroupBy(i => rows.Places[i] / length))
            {
                batch.Add(
                    (int[])[.. Enumerable.Repeat(own.Select(i => positions[i]), model.PositionAxes).SelectMany(same => same)],
                    caches[own.Key]);
            }

            Tensor tokens = Ops.IndexSelect(packed, Tensor.From(piece, [piece.Length]), 0);
            parts.Add(model.Logits(model.Forward(model.Embed(tokens), batch)));
            places.AddRange(piece.Select(i => rows.Places[i]));
        }

        context.GiveRows("logits", Ops.Concat(parts.ToArray(), 0), places);
        Array.ForEach(caches, cache => cache.Dispose());
    }
}
