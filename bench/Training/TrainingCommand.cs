using Percept.Bench.Harness;
using Percept.Bench.Kernels;
using Percept.Tensors.Memory;

namespace Percept.Bench.Training;

/// <summary>
/// <c>training [options of kernels]</c>: training steps against this machine's limits; then the most memory that tensors took, weights
/// among them, in each.
/// </summary>
internal static class TrainingCommand
{
    internal static int Run(string[] args)
    {
        int measured = KernelsCommand.Run(args, TrainingBenches.All());
        if (measured == 2 || args.Contains("--list"))
        {
            return measured;
        }

        int only = Array.IndexOf(args, "--only");
        string chosen = only >= 0 && only + 1 < args.Length ? args[only + 1] : "step";
        foreach (IKernelBench bench in TrainingBenches.All().Where(bench => bench.Family.Contains(chosen, StringComparison.OrdinalIgnoreCase)))
        {
            using (bench)
            {
                bench.Prepare();
                bench.Run();
                TensorMemory.ResetPeak();
                bench.Run();
                Console.WriteLine($"{bench.Family}: at most {TensorMemory.PeakBytes / 1e9:f2} GB of tensors, weights among them");
            }
        }

        return measured;
    }
}
