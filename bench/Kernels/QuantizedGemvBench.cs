using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>One row of activations: the weights, several sets in turn so that none stays in a cache, as read bandwidth.</summary>
internal sealed unsafe class QuantizedGemvBench(DType type, int n, int k, double percent) : IKernelBench
{
    private QuantizedBlocks? _weights;
    private float* _x;
    private float* _y;

    public string Family => "gemv-" + type.ToString().ToLowerInvariant();

    public string Shape => FormattableString.Invariant($"{n}x{k}");

    public Bar Bar => Bar.Peak(PeakKind.MemoryRead, percent);

    public double Work => type.ByteCount((long)n * k);

    public void Prepare()
    {
        _weights = new QuantizedBlocks(type, n, k, QuantizedBlocks.StreamedSets(type, n, k));
        _x = QuantizedBlocks.Activations(k);
        _y = (float*)NativeMemory.AlignedAlloc((nuint)((long)n * sizeof(float)), 64);
    }

    public void Run() => QuantizedGemm.Run(type, _weights!.Next(), n, k, _x, 1, k, _y, n, null, 0);

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
        new QuantizedGemvBench(DType.Q8_0, 11008, 4096, 92),
        new QuantizedGemvBench(DType.Q4_0, 11008, 4096, 92),
        new QuantizedGemvBench(DType.Q4_K, 11008, 4096, 92),
        new QuantizedGemvBench(DType.Q6_K, 11008, 4096, 92),
    ];
}
