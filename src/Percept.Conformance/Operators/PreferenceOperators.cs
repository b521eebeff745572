using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Preference losses of log-probabilities, and the log-probabilities of sequences.</summary>
internal static class PreferenceOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("dpo_loss", Dpo),
        ("simpo_loss", static run => run.Give(PreferenceLosses.SimPo(
            Policy(run), (float)run.Args.Number("beta"), (float)run.Args.Number("gamma")))),
        ("orpo_loss", Orpo),
        ("kto_loss", Kto),
        ("bradley_terry", static run => run.Give(PreferenceLosses.BradleyTerry(
            run.Input("chosen"), run.Input("rejected"), run.Optional("margin"),
            (float)run.Args.Number("center_rewards_coefficient", 0)))),
        ("sequence_logps", Sequences),
    ];

    /// <summary>The loss of a run's name, with the smoothing that such names stand for.</summary>
    internal static PreferenceOptions Options(RunArgs args)
    {
        (PreferenceKind kind, float smoothing) = args.Text("loss_type", "sigmoid") switch
        {
            "sigmoid" or "reference_free" => (PreferenceKind.Sigmoid, 0f),
            "sigmoid_smoothed" => (PreferenceKind.Sigmoid, 0.1f),
            "robust" => (PreferenceKind.Robust, 0.1f),
            "hinge" => (PreferenceKind.Hinge, 0f),
            "ipo" => (PreferenceKind.Ipo, 0f),
            "exo_pair" => (PreferenceKind.Exo, 0.01f),
            "nca_pair" => (PreferenceKind.Nca, 0f),
            "bco_pair" => (PreferenceKind.Bco, 0f),
            "sppo_hard" => (PreferenceKind.Sppo, 0f),
            "apo_zero" => (PreferenceKind.ApoZero, 0f),
            "apo_down" => (PreferenceKind.ApoDown, 0f),
            string other => throw new NotUnderstoodException($"there is no preference loss '{other}'"),
        };
        return new PreferenceOptions { Kind = kind, Beta = (float)args.Number("beta", 0.1), LabelSmoothing = smoothing };
    }

    private static CompletionPairs Policy(OpRun run) => new(run.Input("chosen"), run.Input("rejected"))
    {
        ChosenLengths = Lengths(run.Args, "chosen_lengths"),
        RejectedLengths = Lengths(run.Args, "rejected_lengths"),
    };

    private static Tensor? Lengths(RunArgs args, string name)
    {
        if (!args.Has(name))
        {
            return null;
        }

        float[] lengths = [.. args.Numbers(name).Select(static length => (float)length)];
        return Tensor.From(lengths, [lengths.Length]);
    }

    private static void Dpo(OpRun run)
    {
        CompletionPairs? reference = run.Args.Flag("reference_free", false)
            ? null
            : new CompletionPairs(run.Input("ref_chosen"), run.Input("ref_rejected"));
        PreferenceLoss loss = PreferenceLosses.Dpo(Policy(run), reference, Options(run.Args));
        run.Give(loss.Loss);
        run.Give("losses", loss.Losses);
        run.Give("rewards_chosen", loss.ChosenRewards);
        run.Give("rewards_rejected", loss.RejectedRewards);
    }

    private static void Orpo(OpRun run)
    {
        CompletionPairs policy = Policy(run);
        Tensor odds = PreferenceLosses.LogOdds(policy);

        // The case's own loss of the chosen: the mean over pairs of token averages.
        Tensor chosen = Ops.Negate(Ops.Mean(Ops.Divide(policy.Chosen, policy.ChosenLengths!.Value)));
        run.Give(PreferenceLosses.Orpo(chosen, odds, (float)run.Args.Number("beta")));
        run.Give("log_odds", odds);
    }

    private static void Kto(OpRun run)
    {
        RunArgs args = run.Args;
        var options = new KtoOptions
        {
            Beta = (float)args.Number("beta"),
            DesirableWeight = (float)args.Number("desirable_weight", 1),
            UndesirableWeight = (float)args.Number("undesirable_weight", 1),
        };
        bool[] desirable = [.. args.Ints("desirable").Select(static value => value != 0)];
        (Tensor loss, Tensor losses) = PreferenceLosses.Kto(
            run.Input("policy"), run.Input("ref"), desirable, args.Number("kl"), options);
        run.Give(loss);
        run.Give("losses", losses);
    }

    private static void Sequences(OpRun run)
    {
        SequenceLogProbabilities logs = SequenceLogProbabilities.Of(run.Input("logits"), run.Input("labels"));
        run.Give("per_token", logs.PerToken);
        run.Give("sum", logs.Sum);
        run.Give("average", logs.Average);
    }
}
