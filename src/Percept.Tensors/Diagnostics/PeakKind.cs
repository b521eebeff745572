namespace Percept.Tensors.Diagnostics;

/// <summary>The limits of a machine that kernels are measured against.</summary>
public enum PeakKind
{
    /// <summary>Single-precision multiply-adds, in GFLOP/s (a multiplication and an addition count as two).</summary>
    Fp32,

    /// <summary>8-bit integer multiply-adds, in GOP/s (a multiplication and an addition count as two).</summary>
    Int8,

    /// <summary>bfloat16 multiply-adds with single-precision sums, in GFLOP/s.</summary>
    BF16,

    /// <summary>Reading memory far larger than the caches, in GB/s (10⁹ bytes).</summary>
    MemoryRead,

    /// <summary>Updating such memory in place, in GB/s; the bytes read and the bytes written are both counted.</summary>
    MemoryReadWrite,
}
