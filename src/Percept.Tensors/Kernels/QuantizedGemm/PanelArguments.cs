using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a panel kernel is told: one or more tiles of quantized rows times a slab of a panel.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PanelArguments
{
    /// <summary>The first tile's rows, from the slab's first group on (<see cref="QuantizedRows"/>).</summary>
    public byte* Rows;

    /// <summary>The slab's panel (<see cref="PanelLayout"/>).</summary>
    public byte* Panel;

    /// <summary>The first tile's sums, rows of 32.</summary>
    public float* Sums;

    /// <summary>Groups of the slab, at least 1.</summary>
    public long Groups;

    /// <summary>1 to add to the sums, 0 to begin them.</summary>
    public long Accumulate;

    /// <summary>How many tiles, all of one height, at least 1.</summary>
    public long Tiles;

    /// <summary>Bytes from one tile's rows to the next tile's.</summary>
    public long TileBytes;

    /// <summary>Bytes from one row of sums to the next.</summary>
    public long SumBytes;

    /// <summary>Memory to prefetch meanwhile: five lines from here for each group of each tile …</summary>
    public byte* Ahead;

    /// <summary>… and so many bytes on from one group to the next.</summary>
    public long AheadStep;
}
