using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Losses of preferences: pairs of completions, single ones that are good or bad, and groups with advantages.</summary>
internal static class PreferenceObjective
{
    private static readonly Dictionary<string, PreferenceKind> s_pairs = new(StringComparer.Ordinal)
    {
        ["sigmoid"] = PreferenceKind.Sigmoid,
        ["sigmoid_smoothed"] = PreferenceKind.Sigmoid,
        ["reference_free"] = PreferenceKind.Sigmoid,
        ["hinge"] = PreferenceKind.Hinge,
        ["ipo"] = PreferenceKind.Ipo,
    };

    internal static bool Takes(TrainRun run) => run.LossType.Length > 0 && TokenObjective.LanguageOf(run) is not null;

    internal static Tensor Loss(TrainRun run)
    {
        RunArgs args = run.Context.Args;
        Completions policy = Completions.Of(run);
        float beta = (float)args.Number("beta");
        return run.LossType switch
        {
            "grpo" => Grpo(run, policy, beta),
            "kto" => Kto(run, policy, beta),
            "simpo" => SimPo(run, policy, beta),
            "orpo" => Orpo(run, policy, beta),
            _ => Pairs(run, policy, beta),
        };
    }

    private static Tensor Pairs(TrainRun run, Completions policy, float beta)
    {
        RunArgs args = run.Context.Args;
        if (!s_pairs.TryGetValue(run.LossType, out PreferenceKind kind))
        {
            throw new NotUnderstoodException($"no loss_type '{run.LossType}'");
        }

        CompletionPairs pairs = policy.Pairs(args.Int("pairs"));
        CompletionPairs? reference = Reference(run)?.Pairs(args.Int("pairs"));
        PreferenceLoss made = PreferenceLosses.Dpo(pairs, reference, new PreferenceOptions
        {
            Kind = kind,
            Beta = beta,
            LabelSmoothing = (float)args.Number("label_smoothing", 0),
        });
        run.Give("losses_per_pair", made.Losses);
        run.Give("logps_chosen", pairs.Chosen);
        run.Give("logps_rejected", pairs.Rejected);
        run.Give("ref_logps_chosen", reference?.Chosen);
        run.Give("ref_logps_rejected", reference?.Rejected);
        run.Give("rewards_chosen", made.ChosenRewards);
        run.Give("rewards_rejected", made.RejectedRewards);
        return made.Loss;
    }

    private static Tensor SimPo(TrainRun run, Completions policy, float beta)
    {
        RunArgs args = run.Context.Args;
        _ = args.Find("reference");
        CompletionPairs pairs = policy.Pairs(args.Int("pairs"));
        float gamma = (float)args.Number("gamma");
        GiveAverages(run, pairs, "logps");
        if (run.Context.Wants("losses_per_pair"))
        {
            // The mean of one pair is that pair's loss.
            run.Give("losses_per_pair", Ops.Concat(
                [.. Enumerable.Range(0, args.Int("pairs")).Select(i => Ops.Reshape(PreferenceLosses.SimPo(One(pairs, i), beta, gamma), [1]))], 0));
        }

        return PreferenceLosses.SimPo(pairs, beta, gamma);
    }

    private static Tensor Orpo(TrainRun run, Completions policy, float beta)
    {
        int count = run.Context.Args.Int("pairs");
        CompletionPairs pairs = policy.Pairs(count);
        Tensor chosen = Ops.Divide(Ops.Negate(Ops.Sum(pairs.Chosen)), Ops.Sum(pairs.ChosenLengths!.Value));
        Tensor odds = PreferenceLosses.LogOdds(pairs);
        run.Give("nll", chosen);
        run.Give("log_odds", odds);
        GiveAverages(run, pairs, "avg_logps");
        return PreferenceLosses.Orpo(chosen, odds, beta);
    }

    private static Tensor Kto(TrainRun run, Completions policy, float beta)
    {
        RunArgs args = run.Context.Args;
        Tensor reference = Reference(run)!.Sum;
        bool[] desirable = [.. args.Ints("desirable").Select(one => one != 0)];
        (Tensor loss, Tensor losses) = PreferenceLosses.Kto(policy.Sum, reference, desirable, args.Number("kl"), new KtoOptions
        {
            Beta = beta,
            DesirableWeight = (float)args.Number("desirable_weight", 1),
            UndesirableWeight = (float)args.Number("undesirable_weight", 1),
        });
        run.Give("losses", losses);
        run.Give("logps", policy.Sum);
        run.Give("ref_logps", reference);
        return loss;
    }

    private static Tensor Grpo(TrainRun run, Completions policy, float beta)
    {
        RunContext context = run.Context;
        var batch = new PolicyBatch(
            policy.PerToken, context.Need("old_logps"), context.Need("advantages"), policy.Mask);
        (Tensor loss, Tensor divergence) = PolicyLosses.Grpo(batch, context.Need("ref_logps"), new GrpoOptions
        {
            Beta = beta,
            ClipLow = (float)context.Args.Number("epsilon_low"),
            ClipHigh = (float)context.Args.Number("epsilon_high"),
        });
        run.Give("logps", policy.PerToken);
        run.Give("kl", divergence);
        return loss;
    }

    private static void GiveAverages(TrainRun run, CompletionPairs pairs, string name)
    {
        bool sums = name == "logps";
        run.Give($"{name}_chosen", sums ? pairs.Chosen : Ops.Divide(pairs.Chosen, pairs.ChosenLengths!.Value));
        run.Give($"{name}_rejected", sums ? pairs.Rejected : Ops.Divide(pairs.Rejected, pairs.RejectedLengths!.Value));
    }

    private static CompletionPairs One(CompletionPairs pairs, int i)
    {
        Tensor At(Tensor values) => Ops.Narrow(values, 0, i, 1);
        return new CompletionPairs(At(pairs.Chosen), At(pairs.Rejected))
        {
            ChosenLengths = At(pairs.ChosenLengths!.Value),
            RejectedLengths = At(pairs.RejectedLengths!.Value),
        };
    }

    /// <summary>What the reference gives: the adapter off, or the model of another folder; null where the run has none.</summary>
    private static Completions? Reference(TrainRun run)
    {
        if (run.Context.Args.Find("reference") is not { } named)
        {
            return null;
        }

        using GradientSwitch off = Gradients.Off();
        if (run.Adapters is { } adapters)
        {
            Adapter? active = adapters.Active;
            adapters.Active = null;
            Completions reference = Completions.Of(run);
            adapters.Active = active;
            return reference;
        }

        string folder = run.Context.PathOf(RunArgs.AsText("reference", named));
        return Completions.Of(run with { Loaded = run.Context.Shared($"model {folder}", () => ModelLoader.Load(folder)) });
    }

    /// <summary>How likely a model finds the completions of a run.</summary>
    /// <param name="PerToken">Float32 [B, T − 1], 0 outside completions.</param>
    /// <param name="Mask">Float32 [B, T − 1]: 1 in completions.</param>
    private sealed record Completions(Tensor PerToken, Tensor Mask)
    {
        /// <summary>Float32 [B].</summary>
        internal Tensor Sum { get; } = Ops.Sum(PerToken, 1);

        /// <summary>Float32 [B].</summary>
        internal Tensor Lengths { get; } = Ops.Sum(Mask, 1);

        internal static Completions Of(TrainRun run)
        {
            long[] labels = Numbers.ReadIntegers(run.Context.Need("labels"));
            (Tensor logits, PaddedRows rows, int length) = TokenObjective.Logits(run);
            Tensor targets = TokenObjective.Targets(rows, labels, length);
            Tensor losses = Ops.CrossEntropy(logits, targets, new CrossEntropyOptions { Reduction = Reduction.None });
            int batch = labels.Length / length;
            var places = new bool[labels.Length];
            foreach (int place in rows.Places)
            {
                places[place] = true;
            }

            Tensor spread = Ops.MaskedScatter(Ops.Zeros([labels.Length]), Tensor.From(places, [labels.Length]), Ops.Negate(losses));
            Tensor perToken = Ops.Narrow(Ops.Reshape(spread, [batch, length]), 1, 0, length - 1);
            float[] counted =
            [
                .. Enumerable.Range(0, labels.Length).Where(i => i % length != 0).Select(i => labels[i] == SplicedRow.Ignored ? 0f : 1f),
            ];
            return new Completions(perToken, Tensor.From(counted, [batch, length - 1]));
        }

        internal CompletionPairs Pairs(int count) => new(Ops.Narrow(Sum, 0, 0, count), Ops.Narrow(Sum, 0, count, count))
        {
            ChosenLengths = Ops.Narrow(Lengths, 0, 0, count),
            RejectedLengths = Ops.Narrow(Lengths, 0, count, count),
        };
    }
}
