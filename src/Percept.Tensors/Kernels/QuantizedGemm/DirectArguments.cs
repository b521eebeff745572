using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a direct kernel is told: one tile of quantized rows times 32 rows of W.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DirectArguments
{
    /// <summary>The tile's rows (<see cref="QuantizedRows"/>).</summary>
    public byte* Rows;

    /// <summary>The first of 32 rows of blocks.</summary>
    public byte* Weights;

    /// <summary>Bytes from one row of blocks to the next.</summary>
    public long RowBytes;

    /// <summary>Groups of 32 along K, at least 1.</summary>
    public long Groups;

    /// <summary>Scratch memory, which holds the tile's sums: to them is added (<see cref="DirectEmitter.SumsAt"/>).</summary>
    public byte* Scratch;

    /// <summary>Memory to prefetch meanwhile, as much as the 32 rows take.</summary>
    public byte* Ahead;
}
