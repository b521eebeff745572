using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>A ring of vectors takes new ones in.</summary>
internal static class QueueUpdateVerb
{
    internal static void Run(RunContext context)
    {
        using var queue = new FeatureQueue(context.Need("queue"), context.Args.Int("pointer"));
        queue.Add(context.Need("keys"));
        int expected = context.Args.Int("new_pointer", queue.Pointer);
        context.Require(queue.Pointer == expected, $"The pointer is {queue.Pointer}, expected {expected}.");
        context.Give("queue", Ops.Clone(queue.Rows));
    }
}
