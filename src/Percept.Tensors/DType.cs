namespace Percept.Tensors;

/// <summary>How the elements of a tensor are stored.</summary>
/// <remarks>
/// Ops compute in <see cref="F32"/>; the 16-bit floats and the block-quantized types are weights that <c>Linear</c> and
/// <c>Embedding</c> read in place; integers are indices and masks. The block types are GGUF's, byte for byte, and keep
/// GGUF's names (reference: ggml, ggml-common.h). A block tensor is quantized along its last axis.
/// </remarks>
public enum DType
{
    /// <summary>32-bit IEEE float.</summary>
    F32,

    /// <summary>16-bit brain float: the upper half of an F32.</summary>
    BF16,

    /// <summary>16-bit IEEE float.</summary>
    F16,

    /// <summary>64-bit IEEE float; storage and casts only.</summary>
    F64,

    /// <summary>Signed 8-bit integer; storage and casts only.</summary>
    I8,

    /// <summary>Signed 16-bit integer; storage and casts only.</summary>
    I16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>32 4-bit weights and an F16 scale, 18 bytes.</summary>
    Q4_0,

    /// <summary>32 4-bit weights, an F16 scale and an F16 minimum, 20 bytes.</summary>
    Q4_1,

    /// <summary>32 5-bit weights and an F16 scale, 22 bytes.</summary>
    Q5_0,

    /// <summary>32 5-bit weights, an F16 scale and an F16 minimum, 24 bytes.</summary>
    Q5_1,

    /// <summary>32 8-bit weights and an F16 scale, 34 bytes.</summary>
    Q8_0,

    /// <summary>256 2-bit weights in 16 groups, 84 bytes.</summary>
    Q2_K,

    /// <summary>256 3-bit weights in 16 groups, 110 bytes.</summary>
    Q3_K,

    /// <summary>256 4-bit weights in 8 groups with 6-bit scales and minimums, 144 bytes.</summary>
    Q4_K,

    /// <summary>256 5-bit weights in 8 groups with 6-bit scales and minimums, 176 bytes.</summary>
    Q5_K,

    /// <summary>256 6-bit weights in 16 groups with 8-bit scales, 210 bytes.</summary>
    Q6_K,

    /// <summary>256 weights of 2.06 bits from a codebook, 66 bytes.</summary>
    IQ2_XXS,

    /// <summary>256 weights of 2.31 bits from a codebook, 74 bytes.</summary>
    IQ2_XS,

    /// <summary>256 weights of 2.56 bits from a codebook, 82 bytes.</summary>
    IQ2_S,

    /// <summary>256 weights of 3.06 bits from a codebook, 98 bytes.</summary>
    IQ3_XXS,

    /// <summary>256 weights of 3.44 bits from a codebook, 110 bytes.</summary>
    IQ3_S,

    /// <summary>256 weights of 1.56 bits from a codebook, 50 bytes.</summary>
    IQ1_S,

    /// <summary>256 weights of 1.75 bits from a codebook, 56 bytes.</summary>
    IQ1_M,

    /// <summary>32 4-bit indices into a non-linear table and an F16 scale, 18 bytes.</summary>
    IQ4_NL,

    /// <summary>256 4-bit indices into a non-linear table with 6-bit scales, 136 bytes.</summary>
    IQ4_XS,

    /// <summary>256 ternary weights, five to a byte, 54 bytes.</summary>
    TQ1_0,

    /// <summary>256 ternary weights, four to a byte, 66 bytes.</summary>
    TQ2_0,

    /// <summary>32 4-bit floats (E2M1) and a shared power-of-two scale, 17 bytes.</summary>
    MXFP4,

    /// <summary>64 4-bit floats (E2M1) in 4 groups with 8-bit float scales, 36 bytes.</summary>
    NVFP4,
}
