using Percept.Bench.Harness;

namespace Percept.Bench.Training;

/// <summary>What a step asks of the garbage collector, once it has run a few times.</summary>
/// <param name="step">The step.</param>
internal sealed class StepAllocationBench(LlavaStepBench step) : IKernelBench
{
    public string Family => "allocation";

    public string Shape => step.Family;

    public Bar Bar => Bar.Bytes(0.5);

    public double Work => 0;

    public void Prepare() => step.Prepare();

    public void Run() => step.Run();

    public double Bytes(int calls)
    {
        step.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        step.Run();
        step.Run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 2.0;
    }

    public void Dispose() => step.Dispose();
}
