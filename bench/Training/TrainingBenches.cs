using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Training;

/// <summary>Training steps of true sizes with random weights.</summary>
internal static class TrainingBenches
{
    internal static IEnumerable<IKernelBench> All() =>
    [
        new LlavaStepBench(LlavaStepKind.Stage1, DType.F32, PeakKind.Fp32, 70),
        new LlavaStepBench(LlavaStepKind.Lora, DType.F32, PeakKind.Fp32, 70),
        new LlavaStepBench(LlavaStepKind.Stage1, DType.BF16, PeakKind.BF16, 55),
        new LlavaStepBench(LlavaStepKind.Lora, DType.BF16, PeakKind.BF16, 55),
        new LlavaStepBench(LlavaStepKind.Lora, DType.Q4_0, PeakKind.Fp32, 60),
        new StepAllocationBench(new LlavaStepBench(LlavaStepKind.Lora, DType.F32, PeakKind.Fp32, 0)),
    ];
}
