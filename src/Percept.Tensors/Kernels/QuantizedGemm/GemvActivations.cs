namespace Percept.Tensors.Kernels;

/// <summary>
/// One row of activations as the one-row kernels read it, in chunks of 256 along K.
/// <code>
/// quants  s8 [256]  in the order in which 64-byte vectors of unpacked weights meet them; a last, partial chunk in K's order
/// scales  f32 [16] or [32] a chunk:
///   Q8_0, Q4_0   scale of 8 groups of 32, then −offset·Σq of each
///   Q4_K         scale of 8 groups, then −scale·Σq of each (it meets the block's minima)
///   Q6_K         scale of each of 16 half groups, then −32·scale·Σq of each
/// </code>
/// </summary>
internal static unsafe class GemvActivations
{
    /// <summary>Weights of a chunk.</summary>
    internal const int Chunk = 256;

    private const int Groups = Chunk / PanelLayout.Group;

    /// <summary>Bytes of a chunk's scales.</summary>
    internal static int ScaleBytes(DType type) => type == DType.Q6_K ? 128 : 64;

    /// <summary>Quantizes a row.</summary>
    /// <param name="type">A type that has a one-row kernel.</param>
    /// <param name="x">The row.</param>
    /// <param name="k">Its length, a multiple of 32.</param>
    /// <param name="quants">Whole chunks of 256 bytes.</param>
    /// <param name="scales">As many times <see cref="ScaleBytes"/> bytes.</param>
    internal static void Pack(DType type, float* x, int k, byte* quants, byte* scales)
    {
        int offset = PanelLayout.Of(type).Offset;
        int scaleBytes = ScaleBytes(type);
        sbyte* group = stackalloc sbyte[PanelLayout.Group];
        for (int i = 0; i < k / PanelLayout.Group; i++)
        {
            float scale = QuantizedRows.Quantize(x + (i * PanelLayout.Group), group, out int first, out int second);
            int index = i % Groups;
            byte* chunk = quants + (long)(i / Groups * Chunk);
            float* factors = (float*)(scales + ((long)(i / Groups) * scaleBytes));
            bool whole = (i / Groups * Groups) + Groups <= k / PanelLayout.Group;
            Place(type, whole, index, group, chunk);
            if (type == DType.Q6_K)
            {
                factors[2 * index] = scale;
                factors[(2 * index) + 1] = scale;
                factors[16 + (2 * index)] = scale * (-offset * first);
                factors[17 + (2 * index)] = scale * (-offset * second);
            }
            else
            {
                factors[index] = scale;
                factors[Groups + index] = type == DType.Q4_K ? -scale * (first + second) : -offset * (first + second);
            }
        }
    }

    private static void Place(DType type, bool whole, int index, sbyte* group, byte* chunk)
    {
        // Q4_0: vector 2·v holds the lower halves of groups 4·v … 4·v + 3, vector 2·v + 1 the upper ones.
        // Q4_K: a vector's halves are two groups apart.
        (int lower, int upper) = (type, whole) switch
        {
            (DType.Q4_0, true) => ((index / 4 * 128) + (index % 4 * 16), (index / 4 * 128) + (index % 4 * 16) + 64),
            (DType.Q4_K, _) => Two((index / 4 * 128) + (index % 2 * 64) + (index % 4 / 2 * 32)),
            _ => Two(index * PanelLayout.Group),
        };
        Buffer.MemoryCopy(group, chunk + lower, 16, 16);
        Buffer.MemoryCopy(group + 16, chunk + upper, 16, 16);
    }

    private static (int Lower, int Upper) Two(int lower) => (lower, lower + 16);
}
