using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>A few rows of activations against one, weights streamed from memory: what batched decoding costs.</summary>
internal sealed unsafe class QuantizedBatchBench(DType type, int m, int n, int k, double times) : IKernelBench
{
    private QuantizedBlocks? _weights;
    private float* _x;
    private float* _y;

    public string Family => "batch-" + type.ToString().ToLowerInvariant();

    public string Shape => FormattableString.Invariant($"{m}:1 x{n}x{k}");

    public Bar Bar => Bar.TimesBaseline(times);

    public double Work => 0;

    public void Prepare()
    {
        _weights = new QuantizedBlocks(type, n, k, QuantizedBlocks.StreamedSets(type, n, k));
        _x = QuantizedBlocks.Activations((long)m * k);
        _y = (float*)NativeMemory.AlignedAlloc((nuint)((long)m * n * sizeof(float)), 64);
    }

    public void Run() => QuantizedGemm.Run(type, _weights!.Next(), n, k, _x, m, k, _y, n, null, 0);

    public void Baseline() => QuantizedGemm.Run(type, _weights!.Next(), n, k, _x, 1, k, _y, n, null, 0);

    public void Dispose()
    {
        _weights?.Dispose();
        NativeMemory.AlignedFree(_x);
        NativeMemory.AlignedFree(_y);
    }

    internal static IKernelBench[] All() =>
    [
        new QuantizedBatchBench(DType.Q4_0, 8, 4096, 4096, 1.9),
        new QuantizedBatchBench(DType.Q8_0, 8, 4096, 4096, 0),
        new QuantizedBatchBench(DType.Q4_K, 8, 4096, 4096, 0),
    ];
}
