using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Losses of reinforcement learning.</summary>
internal static class PolicyOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("ppo_loss", Ppo),
        ("grpo_loss", Grpo),
        ("reinforce_loss", static run => run.Give(PolicyLosses.Reinforce(
            run.Input("logps"), run.Input("advantages"), run.Input("mask")))),
        ("kl_estimators", Divergences),
    ];

    private static PolicyBatch Batch(OpRun run) =>
        new(run.Input("logps"), run.Input("old_logps"), run.Input("advantages"), run.Input("mask"));

    private static void Ppo(OpRun run)
    {
        PpoLoss loss = PolicyLosses.Ppo(
            Batch(run), run.Input("values"), new ValueBatch(run.Input("old_values"), run.Input("returns")),
            (float)run.Args.Number("clip_range"), (float)run.Args.Number("clip_range_value"),
            (float)run.Args.Number("value_coef"));
        run.Give(loss.Loss);
        run.Give("policy_loss", loss.Policy);
        run.Give("value_loss", loss.Value);
        run.Give("clip_fraction", loss.ClipFraction);
        run.Give("approx_kl", loss.ApproximateDivergence);
    }

    private static void Grpo(OpRun run)
    {
        RunArgs args = run.Args;
        var options = new GrpoOptions
        {
            Kind = args.Choice("loss_type", "grpo", "grpo", "bnpo", "dr_grpo", "gspo") switch
            {
                "bnpo" => GrpoKind.Bnpo,
                "dr_grpo" => GrpoKind.DrGrpo,
                "gspo" => GrpoKind.Gspo,
                _ => GrpoKind.Grpo,
            },
            Beta = (float)args.Number("beta"),
            ClipLow = (float)args.Number("epsilon_low"),
            ClipHigh = (float)args.Number("epsilon_high"),
        };
        (Tensor loss, Tensor divergence) = PolicyLosses.Grpo(Batch(run), run.Input("ref_logps"), options);
        run.Give(loss);
        run.Give("kl", divergence);
    }

    private static void Divergences(OpRun run)
    {
        Tensor policy = run.Input("logps"), reference = run.Input("ref_logps");
        run.Give("k1", KlEstimators.First(policy, reference));
        run.Give("k2", KlEstimators.Second(policy, reference));
        run.Give("k3", KlEstimators.Third(policy, reference));
    }
}
