using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Models;

/// <summary>Whole models of true sizes with random weights.</summary>
internal static class ModelBenches
{
    internal static IEnumerable<IKernelBench> All() =>
    [
        new PrefillBench(DecoderShape.Qwen2Vl, DType.Q4_0, 512, PeakKind.Int8, 48),
        new PrefillBench(DecoderShape.Qwen2Vl, DType.Q8_0, 512, PeakKind.Int8, 48),
        new PrefillBench(DecoderShape.Qwen2Vl, DType.BF16, 512, PeakKind.BF16, 0),
        new PrefillBench(DecoderShape.Llava7B, DType.Q4_0, 512, PeakKind.Int8, 50),
        new DecodeBench(DecoderShape.Qwen2Vl, DType.Q4_0, 1, 128, 85),
        new DecodeBench(DecoderShape.Qwen2Vl, DType.Q8_0, 1, 128, 85),
        new DecodeBench(DecoderShape.Llava7B, DType.Q4_0, 1, 128, 85),
        new DecodeBench(DecoderShape.Qwen2Half, DType.Q4_0, 1, 128, 0),
        new DecodeBench(DecoderShape.Qwen2Half, DType.Q4_0, 8, 128, 4),
        new AllocationBench(DecoderShape.Qwen2Half, DType.Q4_0, 1),
        new AllocationBench(DecoderShape.Qwen2Half, DType.Q4_0, 8),
        new VisionTowerBench(DType.F32, 1, PeakKind.Fp32, 82),
        new VisionTowerBench(DType.BF16, 1, PeakKind.BF16, 70),
        new VisionTowerBench(DType.BF16, 4, PeakKind.BF16, 0),
    ];
}
