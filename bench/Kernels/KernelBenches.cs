using Percept.Bench.Harness;

namespace Percept.Bench.Kernels;

/// <summary>The benchmarks of all kernel families; a family adds its line here.</summary>
internal static class KernelBenches
{
    /// <summary>Makes every benchmark; none has got its memory yet.</summary>
    internal static IReadOnlyList<IKernelBench> All() =>
    [
        .. DequantizeBench.All(),
        .. ForkJoinBench.All(),
        .. GemmBF16Bench.All(),
        .. AttentionBench.All(),
        .. ElementwiseBench.All(),
        .. OptimizerBench.All(),
        .. ConvolutionBench.All(),
        .. QuantizedGemmBench.All(),
        .. QuantizedGemvBench.All(),
        .. QuantizedBatchBench.All(),
    ];
}
