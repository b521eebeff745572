using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision model whose positions follow each picture's own grid of patches.</summary>
public interface IPositionTables
{
    /// <summary>The positions of pictures.</summary>
    /// <param name="spatialShapes">I32 or I64 [B, 2]: rows and columns of patches.</param>
    /// <param name="length">N: rows of patches with padding.</param>
    /// <returns>Float32 [B, N, D].</returns>
    /// <exception cref="ArgumentException">A grid has more patches than there are rows.</exception>
    Tensor Positions(Tensor spatialShapes, int length);
}
