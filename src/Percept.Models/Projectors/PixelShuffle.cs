using Percept.Tensors;

namespace Percept.Models;

/// <summary>Puts squares of patches into the channels of one token: fewer tokens, each wider.</summary>
/// <remarks>
/// The step in front of the projectors of Idefics 3, SmolVLM and InternVL (references: transformers 5.23,
/// <c>modeling_idefics3.py</c>, <c>modeling_internvl.py</c>). Channels stand by row of the square, then column, then channel.
/// </remarks>
public static class PixelShuffle
{
    /// <summary>[k, s·s, C] → [k, (s/factor)², C·factor²].</summary>
    /// <param name="features">Float32 [k, s·s, C]: the patches of square pictures, row by row, without class tokens.</param>
    /// <param name="factor">The side of a square.</param>
    /// <exception cref="ArgumentException">The patches are no square whose side the factor divides.</exception>
    public static Tensor Fold(Tensor features, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        int count = features.Shape[0], tokens = features.Shape[1], channels = features.Shape[2];
        int side = (int)Math.Round(Math.Sqrt(tokens));
        if (side * side != tokens || side % factor != 0)
        {
            throw new ArgumentException(
                $"There are {tokens} patches, expected a square whose side is a multiple of {factor}. Drop class tokens first.",
                nameof(features));
        }

        int folded = side / factor;
        Tensor squares = Ops.Reshape(features, [count, folded, factor, folded, factor, channels]);
        return Ops.Reshape(
            Ops.Permute(squares, 0, 1, 3, 2, 4, 5), [count, folded * folded, factor * factor * channels]);
    }
}
