using Percept.Bench.Harness;
using Percept.Tensors.Memory;

namespace Percept.Bench.Training;

/// <summary>The most memory that tensors take in a step, weights and the optimizer's state among them.</summary>
/// <param name="step">The step.</param>
/// <param name="gigabytes">The bar, 10⁹ bytes.</param>
internal sealed class StepMemoryBench(LlavaStepBench step, double gigabytes) : IKernelBench
{
    public string Family => "memory";

    public string Shape => step.Family;

    public Bar Bar => Bar.Bytes(gigabytes * 1e9);

    public double Work => 0;

    public void Prepare() => step.Prepare();

    public void Run() => step.Run();

    public double Bytes(int calls)
    {
        // The first step makes the optimizer's state.
        step.Run();
        TensorMemory.ResetPeak();
        step.Run();
        return TensorMemory.PeakBytes;
    }

    public void Dispose() => step.Dispose();
}
