using System.Numerics.Tensors;

namespace Percept.Tensors.Kernels;

internal static unsafe partial class BlockFormats
{
    private static readonly delegate*<float*, byte*, void>[] s_plain = BuildPlain();
    private static readonly delegate*<float*, float*, byte*, void>[] s_weighted = BuildWeighted();

    /// <summary>
    /// Whether <see cref="Quantize"/> can write the type: all but the codebook formats IQ1, IQ2 and IQ3.
    /// </summary>
    /// <param name="type">The type.</param>
    internal static bool CanEncode(DType type) =>
        (uint)type < (uint)s_plain.Length && (s_plain[(int)type] != null || s_weighted[(int)type] != null);

    /// <summary>Encodes floats as whole blocks on the calling thread.</summary>
    /// <remarks>
    /// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, TQ1_0, TQ2_0, MXFP4, NVFP4, BF16 and F16 without importance give ggml's reference
    /// bytes. The K formats, IQ4_NL and IQ4_XS, and Q4_0 to Q5_1 with importance, minimise the weighted squared error;
    /// their bytes do not depend on the SIMD level. Q8_0, TQ, FP4 and plain floats do not use the importance.
    /// </remarks>
    /// <param name="type">The type to write.</param>
    /// <param name="src">The elements.</param>
    /// <param name="elements">How many: a whole number of blocks.</param>
    /// <param name="dst">Room for the blocks; must not overlap the elements.</param>
    /// <param name="importance">What a squared error in each element costs (one for each, not negative), or
    /// null.</param>
    /// <exception cref="ArgumentException">Not a whole number of blocks, or negative.</exception>
    /// <exception cref="NotSupportedException">The type cannot be written.</exception>
    internal static void Quantize(DType type, float* src, long elements, byte* dst, float* importance = null)
    {
        if (!CanEncode(type))
        {
            string known = string.Join(", ", Enum.GetValues<DType>().Where(CanEncode));
            throw new NotSupportedException($"{type} cannot be encoded; these types can be: {known}.");
        }

        long total = type.ByteCount(elements);
        if (type is DType.F32 or DType.BF16 or DType.F16)
        {
            EncodeFloats(type, src, elements, total, dst);
            return;
        }

        long blocks = elements / type.BlockElements();
        int size = type.BlockElements();
        int bytes = type.BlockBytes();
        delegate*<float*, byte*, void> plain = s_plain[(int)type];
        delegate*<float*, float*, byte*, void> weighted = s_weighted[(int)type];
        if (weighted == null || (importance == null && plain != null))
        {
            for (long i = 0; i < blocks; i++)
            {
                plain(src + (size * i), dst + (bytes * i));
            }

            return;
        }

        float* weights = stackalloc float[256];
        new Span<float>(weights, 256).Fill(1f);
        for (long i = 0; i < blocks; i++)
        {
            if (importance != null)
            {
                Normalize(importance + (size * i), weights, size);
            }

            weighted(src + (size * i), weights, dst + (bytes * i));
        }
    }

    private static void EncodeFloats(DType type, float* src, long elements, long bytes, byte* dst)
    {
        if (type == DType.F32)
        {
            Buffer.MemoryCopy(src, dst, bytes, bytes);
            return;
        }

        if (type == DType.BF16)
        {
            QuantizeVector.BF16(src, elements, (ushort*)dst);
            return;
        }

        const int Step = 1 << 20;
        for (long first = 0; first < elements; first += Step)
        {
            int count = (int)Math.Min(Step, elements - first);
            TensorPrimitives.ConvertToHalf(
                new ReadOnlySpan<float>(src + first, count), new Span<Half>((Half*)dst + first, count));
        }
    }

    /// <summary>Weights of mean 1; never quite 0, so that unimportant elements still follow their values.</summary>
    private static void Normalize(float* importance, float* weights, int size)
    {
        const float Floor = 1e-6f;
        double sum = 0;
        for (int j = 0; j < size; j++)
        {
            sum += importance[j];
        }

        double inverse = sum > 0 ? size / sum : 0;
        for (int j = 0; j < size; j++)
        {
            weights[j] = (sum > 0 ? (float)(importance[j] * inverse) : 1f) + Floor;
        }
    }

    private static delegate*<float*, byte*, void>[] BuildPlain()
    {
        var table = new delegate*<float*, byte*, void>[(int)DType.NVFP4 + 1];
        table[(int)DType.F32] = &QuantizeSimple.F32;
        table[(int)DType.BF16] = &QuantizeSimple.BF16;
        table[(int)DType.F16] = &QuantizeSimple.F16;
        table[(int)DType.Q4_0] = &QuantizeVector.Q4_0;
        table[(int)DType.Q4_1] = &QuantizeSimple.Q4_1;
        table[(int)DType.Q5_0] = &QuantizeSimple.Q5_0;
        table[(int)DType.Q5_1] = &QuantizeSimple.Q5_1;
        table[(int)DType.Q8_0] = &QuantizeVector.Q8_0;
        table[(int)DType.TQ1_0] = &QuantizeSimple.TQ1_0;
        table[(int)DType.TQ2_0] = &QuantizeSimple.TQ2_0;
        table[(int)DType.MXFP4] = &QuantizeSimple.MXFP4;
        table[(int)DType.NVFP4] = &QuantizeSimple.NVFP4;
        return table;
    }

    private static delegate*<float*, float*, byte*, void>[] BuildWeighted()
    {
        var table = new delegate*<float*, float*, byte*, void>[(int)DType.NVFP4 + 1];
        table[(int)DType.Q4_0] = &QuantizeTable.Q4_0;
        table[(int)DType.Q4_1] = &QuantizeTable.Q4_1;
        table[(int)DType.Q5_0] = &QuantizeTable.Q5_0;
        table[(int)DType.Q5_1] = &QuantizeTable.Q5_1;
        table[(int)DType.IQ4_NL] = &QuantizeTable.IQ4_NL;
        table[(int)DType.IQ4_XS] = &QuantizeTable.IQ4_XS;
        table[(int)DType.Q2_K] = &QuantizeK.Q2_K;
        table[(int)DType.Q3_K] = &QuantizeK.Q3_K;
        table[(int)DType.Q4_K] = &QuantizeK.Q4_K;
        table[(int)DType.Q5_K] = &QuantizeK.Q5_K;
        table[(int)DType.Q6_K] = &QuantizeK.Q6_K;
        return table;
    }
}
