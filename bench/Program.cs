using Percept.Bench.Data;
using Percept.Bench.Fuzzing;
using Percept.Bench.Inputs;
using Percept.Bench.Kernels;
using Percept.Bench.Models;
using Percept.Bench.Training;

namespace Percept.Bench;

/// <summary>Chooses what is measured: <c>kernels</c>, <c>models</c>, <c>training</c>, <c>make</c>, <c>open</c>, <c>precision</c>, <c>inputs</c>, <c>data</c> or <c>fuzz</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "kernels":
                return KernelsCommand.Run(args, KernelBenches.All());
            case "training":
                return KernelsCommand.Run(args, TrainingBenches.All());
            case "models":
                return ModelsCommand.Run(args);
            case "make":
                return MakeCommand.Run(args[1..]);
            case "precision":
                return PrecisionCommand.Run(args[1..]);
            case "open":
                return OpenCommand.Run(args[1..]);
            case "inputs":
                return InputsCommand.Run(args[1..]);
            case "data":
                return DataCommand.Run(args[1..]);
            case "fuzz":
                return FuzzCommand.Run(args[1..]);
            default:
                Console.Error.WriteLine(
                    "Usage: dotnet run -c Release --project bench -- kernels | models | training | make | open | precision | inputs | data | fuzz [options]; --help behind one of them lists its options.");
                return 2;
        }
    }
}
