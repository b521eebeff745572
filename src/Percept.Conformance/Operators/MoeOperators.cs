using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Mixtures of experts and their auxiliary losses.</summary>
internal static class MoeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("moe", Mixture),
        ("load_balancing_loss", Balance),
        ("router_z_loss", static run => run.Give(Ops.RouterZLoss(run.Input("logits")))),
    ];

    private static void Mixture(OpRun run)
    {
        RunArgs args = run.Args;
        bool sigmoid = args.Choice("score", "softmax", "softmax", "sigmoid") == "sigmoid";
        var routing = new MoeRouting(args.Int("top_k"))
        {
            Sigmoid = sigmoid,
            Renormalise = args.Flag("renormalise", false),
            Scale = (float)args.Number("routed_scaling_factor", 1),
            Groups = args.Int("n_group", 1),
            KeptGroups = args.Int("topk_group", 1),
            GroupsByTopTwo = sigmoid,
        };
        Tensor hidden = run.Input("hidden");
        Tensor router = run.Input("router");
        (Tensor weights, Tensor experts) = Ops.MoeRoute(
            Ops.Linear(hidden, router), routing, run.Optional("correction"));
        ExpertOrder order = Ops.MoeOrder(experts, router.Shape[0]);
        Tensor rows = Ops.ExpertGather(hidden, order);
        Tensor gate = Ops.ExpertLinear(rows, order, [run.Input("gate")]);
        Tensor up = Ops.ExpertLinear(rows, order, [run.Input("up")]);
        Tensor down = Ops.ExpertLinear(Ops.SwiGlu(gate, up), order, [run.Input("down")]);
        run.Give(Ops.ExpertCombine(down, weights, order));
        run.Give("weights", weights);
        run.Give("indices", experts);
    }

    private static void Balance(OpRun run)
    {
        Tensor? mask = run.Optional("attention_mask");
        Tensor[] layers =
            [.. run.InputNames().Where(static name => name != "attention_mask").Select(name => run.Input(name))];
        int experts = run.Args.Int("num_experts", layers[0].Shape[-1]);
        if (layers[0].Shape[-1] != experts)
        {
            throw new InvalidDataException($"The logits have {layers[0].Shape[-1]} experts, expected {experts}.");
        }

        run.Give(Ops.LoadBalancingLoss(Ops.Concat(layers, 0), run.Args.Int("top_k"), mask));
    }
}
