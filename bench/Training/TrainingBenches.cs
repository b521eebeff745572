using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Training;

/// <summary>Training steps of true sizes with random weights.</summary>
internal static class TrainingBenches
{
    internal static IEnumerable<IKernelBench> All() =>
    [
        Step(LlavaStepKind.Stage1, DType.F32),
        Step(LlavaStepKind.Lora, DType.F32),
        Step(LlavaStepKind.Stage1, DType.BF16),
        Step(LlavaStepKind.Lora, DType.BF16),
        Step(LlavaStepKind.Lora, DType.Q4_0),
        Step(LlavaStepKind.Lora, DType.Q4_0, recomputes: true),
        new StepMemoryBench(Step(LlavaStepKind.Stage1, DType.F32), 4.48),
        new StepMemoryBench(Step(LlavaStepKind.Lora, DType.F32), 6.24),
        new StepMemoryBench(Step(LlavaStepKind.Stage1, DType.BF16), 2.64),
        new StepMemoryBench(Step(LlavaStepKind.Lora, DType.BF16), 3.52),
        new StepMemoryBench(Step(LlavaStepKind.Lora, DType.Q4_0, recomputes: true), 2),
        new StepAllocationBench(Step(LlavaStepKind.Stage1, DType.F32)),
        new StepAllocationBench(Step(LlavaStepKind.Lora, DType.F32)),
    ];

    private static LlavaStepBench Step(LlavaStepKind kind, DType type, bool recomputes = false) => type switch
    {
        DType.F32 => new(kind, type, PeakKind.Fp32, 70),
        DType.BF16 => new(kind, type, PeakKind.BF16, 55),
        _ => new(kind, type, PeakKind.Fp32, 60, recomputes),
    };
}
