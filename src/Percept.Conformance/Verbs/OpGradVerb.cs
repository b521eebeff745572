using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// One operator, named by <c>args.op</c>, and the gradient of every input that has an output <c>grad.&lt;input&gt;</c>.
/// </summary>
/// <remarks>
/// The upstream gradients are the inputs <c>grad_output</c> or, with several outputs, <c>grad_output.&lt;name&gt;</c>,
/// all propagated and summed; 1 for a scalar without one; outputs without one are not differentiated otherwise.
/// </remarks>
internal static class OpGradVerb
{
    private const string GradPrefix = "grad.";
    private const string Upstream = "grad_output";

    internal static void Run(RunContext context)
    {
        Action<OpRun> op = OpTable.Find(context.Args.Text("op"));
        string[] leaves =
        [
            .. context.Run.Outputs
                .Where(static output => output.Key.StartsWith(GradPrefix, StringComparison.Ordinal))
                .Select(static output => output.Key[GradPrefix.Length..]),
        ];
        var run = new OpRun(context, leaves);
        op(run);
        foreach ((string name, Tensor output) in run.Outputs)
        {
            // A view without a past stays when the backward pass ends the recorded results.
            context.Give(name, Ops.Detach(output));
        }

        Differentiate(context, run);
        foreach (string leaf in leaves)
        {
            context.Give(GradPrefix + leaf, run.GradientOf(leaf));
        }
    }

    private static void Differentiate(RunContext context, OpRun run)
    {
        bool named = run.Outputs.Keys.Any(name => context.Has($"{Upstream}.{name}"));
        var pending = new List<(Tensor Output, Tensor? Gradient)>();
        foreach ((string name, Tensor output) in run.Outputs)
        {
            bool main = name is "output" or "y";
            Tensor? gradient = context.Find($"{Upstream}.{name}") ?? (main ? context.Find(Upstream) : null);
            bool differentiated = gradient is not null || (main && !named && output.Count == 1);
            if (differentiated && output.RequiresGrad)
            {
                pending.Add((output, gradient is { } given ? Ops.Clone(given) : null));
            }
        }

        for (int i = 0; i < pending.Count; i++)
        {
            Gradients.Backward(pending[i].Output, pending[i].Gradient, retain: i < pending.Count - 1);
        }
    }
}
