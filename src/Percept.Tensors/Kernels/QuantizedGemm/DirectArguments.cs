using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a direct kernel is told: one tile of quantized rows times 16 rows of W.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DirectArguments
{
    /// <summary>The tile's rows (<see cref="QuantizedRows"/>).</summary>
    public byte* Rows;

    /// <summary>The first of 16 rows of blocks.</summary>
    public byte* Weights;

    /// <summary>Bytes from one row of blocks to the next.</summary>
    public long RowBytes;

    /// <summary>Groups of 32 along K, at least 1.</summary>
    public long Groups;

    /// <summary>The tile's sums, rows of 16.</summary>
    public float* Sums;

    /// <summary>Bytes from one row of sums to the next.</summary>
    public long SumBytes;

    /// <summary>Memory to prefetch meanwhile: as many lines from here for each group as its 16 blocks take …</summary>
    public byte* Ahead;

    /// <summary>… and so many bytes on from one group to the next.</summary>
    public long AheadStep;
}
