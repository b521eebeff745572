using System.Numerics.Tensors;

namespace Percept.Training;

/// <summary>Sums what several ranks gave, always in the same order.</summary>
internal static class RankTree
{
    /// <summary>
    /// Adds the parts of ranks in pairs of neighbours, then pairs of pairs, and so on: ((0+1)+(2+3))+((4+5)+…). The order follows
    /// from the number of ranks alone, and rounding grows with its logarithm.
    /// </summary>
    /// <param name="parts">The parts of all ranks, one after the other; the first becomes the sum, the others are overwritten.</param>
    /// <param name="ranks">How many parts there are.</param>
    internal static void Sum(Span<float> parts, int ranks)
    {
        int length = parts.Length / ranks;
        for (int stride = 1; stride < ranks; stride *= 2)
        {
            for (int rank = 0; rank + stride < ranks; rank += 2 * stride)
            {
                Span<float> sum = parts.Slice(rank * length, length);
                TensorPrimitives.Add(sum, parts.Slice((rank + stride) * length, length), sum);
            }
        }
    }
}
