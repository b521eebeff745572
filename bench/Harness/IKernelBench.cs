namespace Percept.Bench.Harness;

/// <summary>One kernel at one shape. Memory is got in <see cref="Prepare"/> and given back in Dispose.</summary>
/// <remarks>
/// <see cref="Run"/> and <see cref="Baseline"/> are called many times in a row on one thread; they use the worker pool as
/// the kernel does in the product and allocate nothing. A benchmark of weights streamed from memory keeps several sets
/// of them, together far larger than the last-level cache, and takes the next set at every call.
/// </remarks>
internal interface IKernelBench : IDisposable
{
    /// <summary>The kernel family, for example <c>gemm-bf16</c>.</summary>
    string Family { get; }

    /// <summary>The shape, for example <c>512x4096x4096</c> (M×N×K).</summary>
    string Shape { get; }

    /// <summary>What the benchmark must reach.</summary>
    Bar Bar { get; }

    /// <summary>
    /// The useful work of one <see cref="Run"/>: operations (a multiplication and an addition count as two), or for the
    /// memory limits the bytes that must move; 0 when no rate is of interest.
    /// </summary>
    double Work { get; }

    /// <summary>Allocates and fills operands; not timed.</summary>
    void Prepare();

    /// <summary>The timed call.</summary>
    void Run();

    /// <summary>The call that <see cref="Run"/> is compared with, for bars that are factors.</summary>
    void Baseline() => throw new NotSupportedException($"{Family} {Shape} has no baseline.");

    /// <summary>Bytes asked of the garbage collector, or taken by tensors, in a call, for bars of bytes.</summary>
    double Bytes(int calls) => throw new NotSupportedException($"{Family} {Shape} counts no bytes.");
}
