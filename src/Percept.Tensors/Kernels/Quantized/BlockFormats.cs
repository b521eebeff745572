namespace Percept.Tensors.Kernels;

/// <summary>Decoding and encoding of every float and GGUF block type by <see cref="DType"/>.</summary>
/// <remarks>
/// Layouts: ggml-common.h of ggml; values: its dequantize_row functions, whose results are met bit for bit at every SIMD
/// level. Any bytes are legal input: indices cannot leave their tables, NaN and infinite scales give such elements.
/// </remarks>
internal static unsafe partial class BlockFormats
{
    private static readonly delegate*<byte*, long, int, float*, void>[] s_decoders = BuildDecoders(scalar: false);
    private static readonly delegate*<byte*, long, int, float*, void>[] s_scalarDecoders = BuildDecoders(scalar: true);

    /// <summary>Whether <see cref="RowDecoder"/> knows the type: F32, BF16, F16 and every block type.</summary>
    /// <param name="type">The type.</param>
    internal static bool CanDecode(DType type) => (uint)type < (uint)s_decoders.Length && s_decoders[(int)type] != null;

    /// <summary>The function that decodes part of a row: (blocks, first element, element count, dst).</summary>
    /// <remarks>
    /// First element and count are multiples of 32 (any number for F32, BF16, F16) inside the row; dst does not overlap the
    /// blocks; neither needs alignment. Ranges that begin and end on block borders are fastest.
    /// </remarks>
    /// <param name="type">The type.</param>
    /// <exception cref="NotSupportedException">An integer or 64-bit type.</exception>
    internal static delegate*<byte*, long, int, float*, void> RowDecoder(DType type) =>
        CanDecode(type) ? s_decoders[(int)type] : throw Unsupported(type, "decoded");

    /// <summary>The scalar twin of <see cref="RowDecoder"/>.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="NotSupportedException">An integer or 64-bit type.</exception>
    internal static delegate*<byte*, long, int, float*, void> RowDecoderScalar(DType type) =>
        CanDecode(type) ? s_scalarDecoders[(int)type] : throw Unsupported(type, "decoded");

    /// <summary>Decodes whole blocks to floats on the calling thread.</summary>
    /// <param name="type">How <paramref name="blocks"/> are stored.</param>
    /// <param name="blocks">The blocks, any alignment.</param>
    /// <param name="elements">How many elements: a whole number of blocks.</param>
    /// <param name="dst">Room for them; must not overlap the blocks.</param>
    /// <exception cref="ArgumentException">Not a whole number of blocks, or negative.</exception>
    /// <exception cref="NotSupportedException">An integer or 64-bit type.</exception>
    internal static void Dequantize(DType type, byte* blocks, long elements, float* dst)
    {
        delegate*<byte*, long, int, float*, void> decode = RowDecoder(type);
        _ = type.ByteCount(elements);
        const int Step = 1 << 20;
        for (long first = 0; first < elements; first += Step)
        {
            decode(blocks, first, (int)Math.Min(Step, elements - first), dst + first);
        }
    }

    private static NotSupportedException Unsupported(DType type, string what) => new(
        $"{type} cannot be {what} as floats; use F32, BF16, F16 or a block type.");

    private static delegate*<byte*, long, int, float*, void>[] BuildDecoders(bool scalar)
    {
        var table = new delegate*<byte*, long, int, float*, void>[(int)DType.NVFP4 + 1];
        table[(int)DType.F32] = &DequantizeFloat.F32;
        table[(int)DType.BF16] = scalar ? &DequantizeFloat.BF16Scalar : &DequantizeFloat.BF16;
        table[(int)DType.F16] = scalar ? &DequantizeFloat.F16Scalar : &DequantizeFloat.F16;
        table[(int)DType.Q4_0] = Rows<Q4_0Blocks>(scalar);
        table[(int)DType.Q4_1] = Rows<Q4_1Blocks>(scalar);
        table[(int)DType.Q5_0] = Rows<Q5_0Blocks>(scalar);
        table[(int)DType.Q5_1] = Rows<Q5_1Blocks>(scalar);
        table[(int)DType.Q8_0] = Rows<Q8_0Blocks>(scalar);
        table[(int)DType.Q2_K] = Rows<Q2_KBlocks>(scalar);
        table[(int)DType.Q3_K] = Rows<Q3_KBlocks>(scalar);
        table[(int)DType.Q4_K] = Rows<Q4_KBlocks>(scalar);
        table[(int)DType.Q5_K] = Rows<Q5_KBlocks>(scalar);
        table[(int)DType.Q6_K] = Rows<Q6_KBlocks>(scalar);
        table[(int)DType.IQ2_XXS] = Rows<IQ2_XXSBlocks>(scalar);
        table[(int)DType.IQ2_XS] = Rows<IQ2_XSBlocks>(scalar);
        table[(int)DType.IQ2_S] = Rows<IQ2_SBlocks>(scalar);
        table[(int)DType.IQ3_XXS] = Rows<IQ3_XXSBlocks>(scalar);
        table[(int)DType.IQ3_S] = Rows<IQ3_SBlocks>(scalar);
        table[(int)DType.IQ1_S] = Rows<IQ1_SBlocks>(scalar);
        table[(int)DType.IQ1_M] = Rows<IQ1_MBlocks>(scalar);
        table[(int)DType.IQ4_NL] = Rows<IQ4_NLBlocks>(scalar);
        table[(int)DType.IQ4_XS] = Rows<IQ4_XSBlocks>(scalar);
        table[(int)DType.TQ1_0] = Rows<TQ1_0Blocks>(scalar);
        table[(int)DType.TQ2_0] = Rows<TQ2_0Blocks>(scalar);
        table[(int)DType.MXFP4] = Rows<MXFP4Blocks>(scalar);
        table[(int)DType.NVFP4] = Rows<NVFP4Blocks>(scalar);
        return table;
    }

    private static delegate*<byte*, long, int, float*, void> Rows<TFormat>(bool scalar)
        where TFormat : struct, IBlockDecoder =>
        scalar ? &BlockRows<TFormat>.DecodeScalar : &BlockRows<TFormat>.Decode;
}
