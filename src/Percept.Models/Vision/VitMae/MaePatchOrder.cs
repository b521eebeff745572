using Percept.Tensors;

namespace Percept.Models;

/// <summary>Which patches a masked autoencoder sees, and in which order: those with the least noise, by rising noise.</summary>
internal readonly ref struct MaePatchOrder
{
    /// <summary>Orders patches.</summary>
    /// <param name="noise">Float32 [B, N].</param>
    /// <param name="maskRatio">The share that is hidden.</param>
    internal MaePatchOrder(Tensor noise, double maskRatio)
    {
        int batch = noise.Shape[0], count = noise.Shape[1];
        Kept = (int)(count * (1 - maskRatio));
        Tensor shuffle = Ops.ArgSort(noise, 1);
        IdsRestore = Ops.Empty([batch, count], DType.I64);
        Mask = Ops.Empty([batch, count]);
        KeptRows = Ops.Empty([batch * Kept], DType.I32);
        RestoreRows = Ops.Empty([batch * count], DType.I32);
        Span<long> restore = IdsRestore.Writable<long>();
        Span<float> mask = Mask.Writable<float>();
        Span<int> kept = KeptRows.Writable<int>(), rows = RestoreRows.Writable<int>();
        for (int i = 0; i < batch * count; i++)
        {
            int picture = i / count, rank = i % count, patch = (int)Integers.At(shuffle, i);
            int place = (picture * count) + patch;
            restore[place] = rank;
            rows[place] = (picture * count) + rank;
            mask[place] = rank < Kept ? 0f : 1f;
            if (rank < Kept)
            {
                kept[(picture * Kept) + rank] = place;
            }
        }
    }

    /// <summary>How many patches of each picture are seen.</summary>
    internal int Kept { get; }

    /// <summary>I64 [B, N]: the rank of each patch.</summary>
    internal Tensor IdsRestore { get; }

    /// <summary>Float32 [B, N]: 1 where a patch is hidden.</summary>
    internal Tensor Mask { get; }

    /// <summary>I32 [B·kept]: the rows of all patches that are seen.</summary>
    internal Tensor KeptRows { get; }

    /// <summary>I32 [B·N]: for each patch its row among those in order of noise.</summary>
    internal Tensor RestoreRows { get; }

    /// <summary>Rows of [B, N, D] in another order: [B, n, D].</summary>
    internal static Tensor Take(Tensor tokens, Tensor rows)
    {
        int batch = tokens.Shape[0], count = tokens.Shape[1], hidden = tokens.Shape[2];
        Tensor taken = Ops.IndexSelect(Ops.Reshape(tokens, [batch * count, hidden]), rows, 0);
        return Ops.Reshape(taken, [batch, (int)(rows.Count / batch), hidden]);
    }
}
