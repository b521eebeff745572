using Percept.Tensors;

namespace Percept.Models;

/// <summary>Batches of texts beside pictures' states.</summary>
internal static class BlipTexts
{
    /// <summary>The ids of texts one after the other, and which rows belong to which.</summary>
    internal static (Tensor Ids, SequenceBatch Batch) Pack(IReadOnlyList<int[]> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var batch = new SequenceBatch();
        foreach (int[] text in texts)
        {
            batch.Add(text.Length);
        }

        int[] ids = [.. texts.SelectMany(text => text)];
        return (Tensor.From(ids, [ids.Length]), batch);
    }

    /// <summary>Lets each text of a batch look at a picture; keys and values of a picture are made once.</summary>
    internal static void Show(SequenceBatch batch, Tensor states, IReadOnlyList<int> pictures, Func<Tensor, CrossMemory> remember)
    {
        var known = new Dictionary<int, CrossMemory>();
        for (int i = 0; i < pictures.Count; i++)
        {
            if (!known.TryGetValue(pictures[i], out CrossMemory? memory))
            {
                Tensor own = Ops.Narrow(states, 0, pictures[i], 1);
                memory = remember(Ops.Reshape(own, [own.Shape[1], own.Shape[2]]));
                known.Add(pictures[i], memory);
            }

            batch.SetMemory(i, memory);
        }
    }
}
