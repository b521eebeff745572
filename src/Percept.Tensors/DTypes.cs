namespace Percept.Tensors;

/// <summary>Sizes and names of each <see cref="DType"/>.</summary>
public static class DTypes
{
    private static readonly (int Elements, int Bytes)[] s_blocks = BuildBlocks();

    /// <summary>How many elements one block holds: 1 for plain types, 32, 64 or 256 for block-quantized ones.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value names no type.</exception>
    public static int BlockElements(this DType type) => Block(type).Elements;

    /// <summary>How many bytes one block takes; for plain types the size of an element.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value names no type.</exception>
    public static int BlockBytes(this DType type) => Block(type).Bytes;

    /// <summary>Whether elements are packed in blocks with shared scales (a GGUF quantized type).</summary>
    /// <param name="type">The type.</param>
    public static bool IsQuantized(this DType type) => type >= DType.Q4_0;

    /// <summary>Whether the type is F32, BF16, F16 or F64.</summary>
    /// <param name="type">The type.</param>
    public static bool IsFloat(this DType type) => type is DType.F32 or DType.BF16 or DType.F16 or DType.F64;

    /// <summary>How many bytes <paramref name="elements"/> elements take.</summary>
    /// <param name="type">The type.</param>
    /// <param name="elements">How many elements: a multiple of the block's.</param>
    /// <exception cref="ArgumentException">Not a whole number of blocks, or negative.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long ByteCount(this DType type, long elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        (int blockElements, int blockBytes) = Block(type);
        if (elements % blockElements != 0)
        {
            throw new ArgumentException(
                $"{type} packs {blockElements} elements a block; {elements} elements are not a whole number of blocks.",
                nameof(elements));
        }

        return checked(elements / blockElements * blockBytes);
    }

    private static (int Elements, int Bytes) Block(DType type)
    {
        if ((uint)type >= (uint)s_blocks.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "No such element type.");
        }

        return s_blocks[(int)type];
    }

    private static (int Elements, int Bytes)[] BuildBlocks()
    {
        var blocks = new (int, int)[(int)DType.NVFP4 + 1];
        foreach (DType type in Enum.GetValues<DType>())
        {
            blocks[(int)type] = type switch
            {
                DType.F32 or DType.I32 => (1, 4),
                DType.BF16 or DType.F16 or DType.I16 => (1, 2),
                DType.F64 or DType.I64 => (1, 8),
                DType.I8 or DType.U8 or DType.Bool => (1, 1),
                DType.Q4_0 or DType.IQ4_NL => (32, 18),
                DType.Q4_1 => (32, 20),
                DType.Q5_0 => (32, 22),
                DType.Q5_1 => (32, 24),
                DType.Q8_0 => (32, 34),
                DType.MXFP4 => (32, 17),
                DType.NVFP4 => (64, 36),
                DType.Q2_K => (256, 84),
                DType.Q3_K or DType.IQ3_S => (256, 110),
                DType.Q4_K => (256, 144),
                DType.Q5_K => (256, 176),
                DType.Q6_K => (256, 210),
                DType.IQ2_XXS or DType.TQ2_0 => (256, 66),
                DType.IQ2_XS => (256, 74),
                DType.IQ2_S => (256, 82),
                DType.IQ3_XXS => (256, 98),
                DType.IQ1_S => (256, 50),
                DType.IQ1_M => (256, 56),
                DType.IQ4_XS => (256, 136),
                DType.TQ1_0 => (256, 54),
                _ => throw new InvalidOperationException($"{type} has no block size."),
            };
        }

        return blocks;
    }
}
