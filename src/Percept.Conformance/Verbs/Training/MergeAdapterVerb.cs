using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Merges an adapter into its base: <c>merged.</c> and the checkpoint's key for each weight that it changes.</summary>
internal static class MergeAdapterVerb
{
    internal static void Run(RunContext context)
    {
        using GradientSwitch off = Gradients.Off();
        string adapter = context.PathOf(context.Args.Text("adapter"));
        foreach (MergedWeight weight in AdapterMerge.Weights(context.CheckpointPath(), Adapter.Open(adapter)))
        {
            if (context.Wants($"merged.{weight.File}"))
            {
                context.Give($"merged.{weight.File}", weight.Make());
            }
        }
    }
}
