namespace Percept.Tensors.Kernels;

/// <summary>How weights of a panel turn into values.</summary>
internal enum PanelKind
{
    /// <summary>(q − offset)·scale, one scale to 32 weights.</summary>
    Scale32,

    /// <summary>q·scale + minimum, one pair to 32 weights.</summary>
    Minimum32,

    /// <summary>(q − offset)·scale, one scale to 16 weights.</summary>
    Scale16,

    /// <summary>q·scale + minimum, one pair to 16 weights.</summary>
    Minimum16,
}

/// <summary>
/// The panel form of one block format: 32 rows of W (columns of the product) by a number of groups of 32 along K, the
/// layout that the micro-kernels read. A group of a panel is, in bytes,
/// <code>
/// quants  u8  [8][32 columns][4]       quants[k / 4][column][k % 4], unsigned
/// scales  f32 [parts][32 columns]      parts = 1 for scales over 32 weights, 2 over 16
/// minima  f32 [parts][32 columns]      kinds with minima only; added, so the minimum of a K format is stored negated
/// </code>
/// </summary>
internal readonly struct PanelLayout
{
    /// <summary>Columns of a panel: two 512-bit vectors of dwords.</summary>
    internal const int Columns = 32;

    /// <summary>Weights along K in a group.</summary>
    internal const int Group = 32;

    /// <summary>Bytes of a group's quants.</summary>
    internal const int QuantBytes = Columns * Group;

    /// <summary>Bytes of one vector of scales or minima.</summary>
    internal const int ScaleBytes = Columns * sizeof(float);

    private PanelLayout(PanelKind kind, int offset, int maxQuant, int blockElements, int blockBytes)
    {
        Kind = kind;
        Offset = offset;
        MaxQuant = maxQuant;
        BlockElements = blockElements;
        BlockBytes = blockBytes;
    }

    /// <summary>How quants turn into values.</summary>
    internal PanelKind Kind { get; }

    /// <summary>What the unsigned quants of a panel exceed the signed ones by.</summary>
    internal int Offset { get; }

    /// <summary>No quant of a panel is greater.</summary>
    internal int MaxQuant { get; }

    /// <summary>Weights of a GGUF block.</summary>
    internal int BlockElements { get; }

    /// <summary>Bytes of a GGUF block.</summary>
    internal int BlockBytes { get; }

    /// <summary>Groups of 32 in a GGUF block.</summary>
    internal int BlockGroups => BlockElements / Group;

    /// <summary>Parts of a group that have scales of their own.</summary>
    internal int Parts => Kind is PanelKind.Scale16 or PanelKind.Minimum16 ? 2 : 1;

    /// <summary>Whether there are minima.</summary>
    internal bool HasMinimum => Kind is PanelKind.Minimum32 or PanelKind.Minimum16;

    /// <summary>Bytes of a group.</summary>
    internal int GroupBytes => QuantBytes + (Parts * ScaleBytes * (HasMinimum ? 2 : 1));

    /// <summary>Whether a type has a panel form.</summary>
    internal static bool Supports(DType type) => type is DType.Q4_0 or DType.Q4_1 or DType.Q5_0 or DType.Q5_1 or DType.Q8_0
        or DType.Q2_K or DType.Q3_K or DType.Q4_K or DType.Q5_K or DType.Q6_K or DType.IQ4_NL or DType.MXFP4;

    /// <summary>The panel form of a type.</summary>
    /// <exception cref="NotSupportedException">The type has none.</exception>
    internal static PanelLayout Of(DType type)
    {
        (PanelKind kind, int offset, int maxQuant) = type switch
        {
            DType.Q4_0 => (PanelKind.Scale32, 8, 15),
            DType.Q5_0 => (PanelKind.Scale32, 16, 31),
            DType.Q8_0 => (PanelKind.Scale32, 128, 255),
            DType.IQ4_NL => (PanelKind.Scale32, 127, 255),
            DType.MXFP4 => (PanelKind.Scale32, 12, 31),
            DType.Q4_1 or DType.Q4_K => (PanelKind.Minimum32, 0, 15),
            DType.Q5_1 or DType.Q5_K => (PanelKind.Minimum32, 0, 31),
            DType.Q3_K => (PanelKind.Scale16, 4, 15),
            DType.Q6_K => (PanelKind.Scale16, 32, 63),
            DType.Q2_K => (PanelKind.Minimum16, 0, 15),
            _ => throw new NotSupportedException(
                $"{type} has no product with quantized activations; multiply it in exact mode."),
        };
        return new PanelLayout(kind, offset, maxQuant, type.BlockElements(), type.BlockBytes());
    }
}
