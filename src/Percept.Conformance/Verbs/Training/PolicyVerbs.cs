using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Rewards and advantages of reinforcement learning.</summary>
internal static class PolicyVerbs
{
    internal static void Rewards(RunContext context) => context.Give("rewards", PolicyAdvantages.Rewards(
        context.Need("old_logps"), context.Need("ref_logps"), context.Need("scores"), context.Need("mask"),
        context.Args.Number("kl_coef")));

    internal static void GeneralisedAdvantages(RunContext context)
    {
        Tensor mask = context.Need("mask");
        (Tensor advantages, Tensor returns) = PolicyAdvantages.Generalised(
            context.Need("rewards"), context.Need("values"), mask, context.Args.Number("gamma"), context.Args.Number("lam"));
        context.Give("advantages", advantages);
        context.Give("returns", returns);
        context.Give("whitened", PolicyAdvantages.Whitened(advantages, mask));
    }

    internal static void GroupAdvantages(RunContext context)
    {
        Tensor rewards = context.Need("rewards");
        int size = context.Args.Int("group_size");
        context.Give("advantages", PolicyAdvantages.OfGroups(rewards, size));
        context.Give("unscaled", PolicyAdvantages.OfGroups(rewards, size, scaled: false));
    }

    internal static void LeaveOneOut(RunContext context) => context.Give(
        "advantages", PolicyAdvantages.LeaveOneOut(context.Need("rewards"), context.Args.Int("group_size")));

    internal static void KtoDivergence(RunContext context) => context.Give(
        "kl", Ops.Full([], (float)PreferenceLosses.KtoDivergence(context.Need("logratios"))));
}
