using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>One AdamW step over many parameters: 16 bytes read and 12 written for each.</summary>
internal sealed unsafe class OptimizerBench(long count, double percent) : IKernelBench
{
    private float* _memory;

    public string Family => "optimizer";

    public string Shape => $"adamw {count}";

    public Bar Bar => Bar.Peak(PeakKind.MemoryReadWrite, percent);

    public double Work => 28.0 * count;

    internal static IKernelBench[] All() => [new OptimizerBench(100_000_000, 80)];

    public void Prepare()
    {
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)(count * 4 * sizeof(float)), 4096);
        for (int part = 0; part < 4; part++)
        {
            long done = 0;
            while (done < count)
            {
                int length = (int)Math.Min(count - done, 1 << 24);
                new Span<float>(_memory + (part * count) + done, length).Fill(part == 0 ? 1f : 0.01f);
                done += length;
            }
        }
    }

    public void Run()
    {
        var step = new AdamStep(5, 1e-4, 0.9, 0.999, 1e-8, 0.01, true, 1f);
        OptimizerKernels.Adam(step, _memory, _memory + count, _memory + (2 * count), _memory + (3 * count), count);
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
