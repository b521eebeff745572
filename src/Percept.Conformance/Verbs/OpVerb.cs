using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>One operator, named by <c>args.op</c>, without gradients.</summary>
internal static class OpVerb
{
    internal static void Run(RunContext context)
    {
        Action<OpRun> op = OpTable.Find(context.Args.Text("op"));
        using GradientSwitch off = Gradients.Off();
        var run = new OpRun(context, []);
        op(run);
        foreach ((string name, Tensor output) in run.Outputs)
        {
            context.Give(name, output);
        }
    }
}
