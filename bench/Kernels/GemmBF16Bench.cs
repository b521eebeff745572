using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels.BF16;

namespace Percept.Bench.Kernels;

/// <summary>Float activations times bfloat16 weights, rounding of the activations and packing of the weights included.</summary>
internal sealed unsafe class GemmBF16Bench(int m, int n, int k, bool toInput, double percent) : IKernelBench
{
    private float* _a;
    private ushort* _w;
    private float* _c;

    public string Family => toInput ? "gemm-bf16-dx" : "gemm-bf16";

    public string Shape => $"{m}x{n}x{k}";

    public Bar Bar => Bar.Peak(PeakKind.BF16, percent);

    public double Work => 2.0 * m * n * k;

    internal static IKernelBench[] All() =>
    [
        new GemmBF16Bench(512, 4096, 4096, false, 88),
        new GemmBF16Bench(577, 4096, 1024, false, 88),
        new GemmBF16Bench(577, 1024, 1024, false, 0),
        new GemmBF16Bench(577, 1024, 4096, false, 0),
        new GemmBF16Bench(2048, 11008, 4096, false, 0),
        new GemmBF16Bench(64, 4096, 4096, false, 0),
        new GemmBF16Bench(512, 4096, 4096, true, 0),
    ];

    public void Prepare()
    {
        _a = Floats((long)m * k);
        _c = Floats((long)m * n);
        long count = (long)n * k;
        _w = (ushort*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(ushort)), 64);
        var random = new Random(2);
        for (long i = 0; i < count; i++)
        {
            _w[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }
    }

    public void Run() => GemmBF16.Run(m, n, k, _a, k, _w, toInput ? n : k, !toInput, 0, _c, n);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_a);
        NativeMemory.AlignedFree(_w);
        NativeMemory.AlignedFree(_c);
    }

    private static float* Floats(long count)
    {
        float* values = (float*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(float)), 64);
        var random = new Random(1);
        for (long i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }
}
