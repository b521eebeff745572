using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Distillation, and penalties against forgetting.</summary>
internal static class DistillationOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("distillation", Distill),
        ("ewc_penalty", static run => run.Give(WeightPenalties.Ewc(
            Inputs(run, "w"), Inputs(run, "s"), Inputs(run, "f"), (float)run.Args.Number("lambda")))),
        ("l2_sp", static run => run.Give(WeightPenalties.FromStart(
            [run.Input("w")], [run.Input("start")], (float)run.Args.Number("alpha")))),
        ("fisher_diagonal", Fisher),
    ];

    private static void Distill(OpRun run)
    {
        RunArgs args = run.Args;
        var options = new DistillationOptions
        {
            Direction = args.Choice("direction", "forward", "forward", "reverse", "jsd") switch
            {
                "reverse" => DistillationDirection.Reverse,
                "jsd" => DistillationDirection.JensenShannon,
                _ => DistillationDirection.Forward,
            },
            Temperature = args.Number("temperature", 1),
            Beta = args.Number("beta", 0.5),
            LabelWeight = args.Number("alpha_ce", 0),
            DivergenceWeight = args.Number("alpha_kl", 1),
        };
        run.Give(Distillation.Loss(run.Input("student"), run.Input("teacher"), options, run.Optional("labels")));
    }

    /// <summary>A linear classifier: each sample's own gradient of log p(label).</summary>
    private static void Fisher(OpRun run)
    {
        Tensor x = run.Input("x"), labels = run.Input("labels");
        Tensor weight = run.Input("weight").RequireGrad();
        using var fisher = new FisherDiagonal([weight]);
        for (int i = 0; i < x.Shape[0]; i++)
        {
            Gradients.Backward(Ops.CrossEntropy(Ops.Linear(x.Rows(i, 1), weight), labels.Rows(i, 1)));
            fisher.Add();
        }

        run.Give(fisher.Mean()[0]);
    }

    private static Tensor[] Inputs(OpRun run, string prefix) =>
        [.. run.InputNames(prefix).Select(name => run.Input(name))];
}
