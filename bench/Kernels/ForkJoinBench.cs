using Percept.Bench.Harness;
using Percept.Tensors.Threading;

namespace Percept.Bench.Kernels;

/// <summary>The worker pool's cost for a job whose items do nothing, one item a thread.</summary>
internal sealed class ForkJoinBench : IKernelBench
{
    public string Family => "fork-join";

    public string Shape => "empty";

    public Bar Bar => Bar.Microseconds(0.5);

    public double Work => 0;

    internal static IKernelBench[] All() => [new ForkJoinBench()];

    public void Prepare()
    {
    }

    public void Run()
    {
        EmptyJob job = default;
        WorkerPool.Shared.Run(ref job, WorkerPool.Available);
    }

    public void Dispose()
    {
    }

    private readonly struct EmptyJob : IParallelJob
    {
        public void Run(int index)
        {
        }
    }
}
