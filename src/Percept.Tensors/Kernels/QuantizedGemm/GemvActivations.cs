namespace Percept.Tensors.Kernels;

/// <summary>
/// One row of activations as the one-row kernels read it, in chunks of 256 (Q8_0, Q6_K) or 512 (Q4_0, Q4_K) along K.
/// <code>
/// quants  s8 [256] or [512]  in the order in which 64-byte vectors of unpacked weights meet them
/// scales  f32 [16] or [32] a chunk:
///   Q8_0   scale of 8 groups of 32, then −offset·Σq of each
///   Q4_0   scale of 16 groups, then −offset·Σq of each, both in the order of <see cref="Lane"/>
///   Q4_K   scale of 16 groups, then −scale·Σq of each (it meets the blocks' minima), in the order of <see cref="Lane"/>
///   Q6_K   scale of each of 16 half groups, then −32·scale·Σq of each
/// </code>
/// After the whole chunks of 512, 256 weights that are left fill the first half of one more, whose second half has scales of
/// zero. Groups of 32 after that lie in K's order in a last chunk.
/// </summary>
internal static unsafe class GemvActivations
{
    /// <summary>Weights of a chunk.</summary>
    internal static int Chunk(DType type) => 32 * Groups(type);

    /// <summary>Bytes of a chunk's scales.</summary>
    internal static int ScaleBytes(DType type) => type == DType.Q8_0 ? 64 : 128;

    /// <summary>Chunks that a row takes, the half one and the last one included.</summary>
    internal static int Count(DType type, int k)
    {
        int rest = k % Chunk(type);
        return (k / Chunk(type)) + (rest >= 256 ? 1 : 0) + (rest % 256 > 0 ? 1 : 0);
    }

    /// <summary>Quantizes a row.</summary>
    /// <param name="type">A type that has a one-row kernel.</param>
    /// <param name="x">The row.</param>
    /// <param name="k">Its length, a multiple of 32.</param>
    /// <param name="quants"><see cref="Count"/> chunks.</param>
    /// <param name="scales">As many times <see cref="ScaleBytes"/> bytes.</param>
    internal static void Pack(DType type, float* x, int k, byte* quants, byte* scales)
    {
        int offset = PanelLayout.Of(type).Offset;
        int groups = Groups(type);
        int ordered = k / 256 * 8;
        int last = (ordered + groups - 1) / groups;
        sbyte* group = stackalloc sbyte[PanelLayout.Group];
        if (ordered % groups != 0)
        {
            new Span<byte>(scales + ((last - 1) * ScaleBytes(type)), ScaleBytes(type)).Clear();
        }

        for (int i = 0; i < k / PanelLayout.Group; i++)
        {
            float scale = QuantizedRows.Quantize(x + (i * PanelLayout.Group), group, out int first, out int second);
            int chunk = i < ordered ? i / groups : last;
            int index = i < ordered ? i % groups : i - ordered;
            float* factors = (float*)(scales + ((long)chunk * ScaleBytes(type)));
            Place(type, i < ordered, index, group, quants + ((long)chunk * Chunk(type)));
            if (type == DType.Q6_K)
            {
                factors[2 * index] = scale;
                factors[(2 * index) + 1] = scale;
                factors[16 + (2 * index)] = scale * (-offset * first);
                factors[17 + (2 * index)] = scale * (-offset * second);
            }
            else
            {
                int lane = i < ordered ? Lane(type, index) : index;
                factors[lane] = scale;
                factors[groups + lane] = type == DType.Q4_K ? -scale * (first + second) : -offset * (first + second);
            }
        }
    }

    /// <summary>
    /// Where a group's sum comes to lie when the kernels have added dwords of four vectors pairwise, twice.
    /// </summary>
    internal static int Lane(DType type, int index) => type switch
    {
        DType.Q4_0 => (4 * (index % 4)) + (index / 4),
        DType.Q4_K => (4 * (index % 8 / 2)) + (2 * (index / 8)) + (index % 2),
        _ => index,
    };

    private static int Groups(DType type) => type is DType.Q4_0 or DType.Q4_K ? 16 : 8;

    private static void Place(DType type, bool ordered, int index, sbyte* group, byte* chunk)
    {
        // A vector holds 16-byte halves of four groups: of four in a row (Q4_0), or of every other of eight (Q4_K).
        int lower = (type, ordered) switch
        {
            (DType.Q4_0, true) => (index / 4 * 128) + (index % 4 * 16),
            (DType.Q4_K, _) => (index / 8 * 256) + (index % 2 * 128) + (index % 8 / 2 * 16),
            _ => index * PanelLayout.Group,
        };
        int upper = lower + (type == DType.Q4_K || (type == DType.Q4_0 && ordered) ? 64 : 16);
        Buffer.MemoryCopy(group, chunk + lower, 16, 16);
        Buffer.MemoryCopy(group + 16, chunk + upper, 16, 16);
    }
}
