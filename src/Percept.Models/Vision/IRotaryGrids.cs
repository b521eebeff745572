using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision model that turns queries and keys of patches by angles that follow from their places.</summary>
public interface IRotaryGrids
{
    /// <summary>The tables of pictures of a size.</summary>
    /// <param name="pixels">Float32 [B, C, H, W]; only the size counts.</param>
    /// <returns>Float32 [N, channels of a head] each: an angle for every channel.</returns>
    (Tensor Cos, Tensor Sin) RopeTables(Tensor pixels);
}
