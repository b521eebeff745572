using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>Large products with quantized weights: activations are rounded to 8 bits within the time.</summary>
internal sealed unsafe class QuantizedGemmBench(DType type, int m, int n, int k, double percent) : IKernelBench
{
    private QuantizedBlocks? _weights;
    private float* _x;
    private float* _y;

    public string Family => "gemm-" + type.ToString().ToLowerInvariant();

    public string Shape => FormattableString.Invariant($"{m}x{n}x{k}");

    public Bar Bar => Bar.Peak(PeakKind.Int8, percent);

    public double Work => 2.0 * m * n * k;

    public void Prepare()
    {
        _weights = new QuantizedBlocks(type, n, k, 1);
        _x = QuantizedBlocks.Activations((long)m * k);
        _y = (float*)NativeMemory.AlignedAlloc((nuint)((long)m * n * sizeof(float)), 64);
    }

    public void Run() => QuantizedGemm.Run(type, _weights!.Next(), n, k, _x, m, k, _y, n, null, 0);

    public void Baseline()
    {
    }

    public void Dispose()
    {
        _weights?.Dispose();
        NativeMemory.AlignedFree(_x);
        NativeMemory.AlignedFree(_y);
    }

    internal static IKernelBench[] All() =>
    [
        .. Shapes(DType.Q8_0, 64),
        .. Shapes(DType.Q4_0, 64),
        .. Shapes(DType.Q4_K, 50),
        .. Shapes(DType.Q6_K, 50),
    ];

    private static IKernelBench[] Shapes(DType type, double percent) =>
    [
        new QuantizedGemmBench(type, 512, 4096, 4096, percent),
        new QuantizedGemmBench(type, 577, 4096, 1024, percent),
    ];
}
