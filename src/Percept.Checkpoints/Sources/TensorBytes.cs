using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes the elements of a tensor.</summary>
internal static class TensorBytes
{
    private const int ChunkBytes = 1 << 26;

    /// <summary>Writes in parts, because a span can't hold more than 2 GB.</summary>
    internal static void Write(Stream stream, Tensor tensor)
    {
        if (tensor.ByteCount <= ChunkBytes || tensor.Rank == 0)
        {
            stream.Write(tensor.Bytes());
            return;
        }

        int rows = tensor.Shape[0];
        long rowBytes = tensor.ByteCount / rows;
        int step = (int)Math.Clamp(ChunkBytes / rowBytes, 1, rows);
        if (tensor.Rank == 1)
        {
            step -= step % tensor.DType.BlockElements();
        }

        for (int row = 0; row < rows; row += step)
        {
            using Tensor part = tensor.Rows(row, Math.Min(step, rows - row));
            if (step > 1 || tensor.Rank == 1)
            {
                stream.Write(part.Bytes());
            }
            else
            {
                using Tensor inner = part.View(tensor.Shape.Without(0));
                Write(stream, inner);
            }
        }
    }
}
