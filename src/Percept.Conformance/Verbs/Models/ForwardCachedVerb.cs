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
        KvCache[] caches = [.. Enumerable.Range(0, batches).Select(_ => new KvCache(model.CacheShapes))];
        var batch = new SequenceBatch(model.PositionAxes);
        var parts = new List<Tensor>();
        int start = 0;
        foreach (int count in chunks)
        {
            batch.Clear();
            foreach (KvCache cache in caches)
            {
                batch.Add(count, cache);
            }

            Tensor piece = Ops.Reshape(Ops.Slice(ids, 1, start, start + count), [batches * count]);
            Tensor logits = model.Logits(model.Forward(model.Embed(piece), batch));
            parts.Add(Ops.Reshape(logits, [batches, count, model.VocabularySize]));
            start += count;
        }

        context.Give("logits", Ops.Concat(parts.ToArray(), 1));
        Array.ForEach(caches, cache => cache.Dispose());
    }
}
