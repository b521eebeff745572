using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a panel kernel is told: a tile of quantized rows times a slab of a panel.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PanelArguments
{
    /// <summary>The tile's rows, from the slab's first group on (<see cref="QuantizedRows"/>).</summary>
    public byte* Rows;

    /// <summary>The slab's panel (<see cref="PanelLayout"/>).</summary>
    public byte* Panel;

    /// <summary>The tile's sums, [rows][32].</summary>
    public float* Sums;

    /// <summary>Groups of the slab, at least 1.</summary>
    public long Groups;

    /// <summary>1 to add to the sums, 0 to begin them.</summary>
    public long Accumulate;
}
