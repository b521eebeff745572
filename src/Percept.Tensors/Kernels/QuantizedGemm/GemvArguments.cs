using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>What an emitted one-row kernel is told: rows of W that lie end to end, times one row of activations.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GemvArguments
{
    /// <summary>The first row's blocks.</summary>
    public byte* Weights;

    /// <summary>How many rows, at least 1.</summary>
    public long Rows;

    /// <summary>One sum a row.</summary>
    public float* Sums;

    /// <summary>Quantized activations (<see cref="GemvActivations"/>).</summary>
    public byte* Quants;

    /// <summary>Their scales.</summary>
    public byte* Scales;

    /// <summary>Whole chunks of 256 or 512 weights in a row (<see cref="GemvActivations.Chunk"/>).</summary>
    public long Chunks;

    /// <summary>Blocks of 32 after them, 0 … 7.</summary>
    public long Tail;

    /// <summary>The kernel's constant vectors.</summary>
    public byte* Constants;

    /// <summary>1 where 256 weights follow whole chunks of 512, otherwise 0.</summary>
    public long Half;
}
