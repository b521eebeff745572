using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Group relative policy optimisation (Shao et al., 2024) and its relatives: several answers to each question, of which those that earn
/// more than the mean of the question become more likely.
/// </summary>
public sealed class GrpoObjective : PolicyObjective
{
    private static readonly Dictionary<string, GrpoKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["grpo"] = GrpoKind.Grpo,
        ["bnpo"] = GrpoKind.Bnpo,
        ["dr_grpo"] = GrpoKind.DrGrpo,
        ["gspo"] = GrpoKind.Gspo,
    };

    private readonly GrpoOptions _options;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the random numbers of answers begin.</param>
    /// <param name="origin">The folder of the model as it was before training.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model writes no text, or there is no processor.</exception>
    public GrpoObjective(TrainedModel model, LossRecipe loss, ulong seed, string origin, ICommunicator? ranks = null)
        : base(model, loss, seed, origin, ranks)
    {
        _options = new GrpoOptions
        {
            Kind = s_kinds[loss.Formula],
            Beta = (float)loss.Beta,
            ClipLow = (float)loss.Clip,
            ClipHigh = (float)loss.ClipHigh,
        };
    }

    /// <summary>The formulas, by trl's names.</summary>
    public static IReadOnlyList<string> Formulas { get; } = [.. s_kinds.Keys];

    /// <inheritdoc/>
    /// <remarks>Before a first update the log-probabilities are those of the update itself.</remarks>
    private protected override bool NeedsOld => Updates > 1;

    private protected override void Weigh(IReadOnlyList<Rollout> rollouts)
    {
        foreach (Rollout rollout in rollouts.Where(rollout => rollout.Completions.Count > 0))
        {
            using TensorScope scope = TensorScope.Open();
            Tensor rewards = Tensor.From<float>(rollout.Rewards, [rollout.Rewards.Length]);
            rollout.Advantages = PolicyAdvantages.OfGroups(rewards, Recipe.GroupSize, Recipe.ScalesRewards).Span<float>().ToArray();
        }
    }

    private protected override Tensor Loss(Rollout rollout, PolicyPass pass, PolicyWeight whole, StepMetrics metrics)
    {
        Tensor now = pass.LogProbabilities, detached = Ops.Detach(now);
        Tensor old = rollout.Old is { } before ? rollout.Of(before) : detached;
        var batch = new PolicyBatch(now, old, Tensor.From<float>(rollout.Advantages, [rollout.Advantages.Length]), rollout.Of(rollout.Mask));
        Tensor reference = rollout.Reference is { } given ? rollout.Of(given) : detached;
        (Tensor loss, Tensor divergence) = PolicyLosses.Grpo(batch, reference, _options);
        if (rollout.Reference is not null)
        {
            metrics.Add("kl", divergence.Item(), rollout.Tokens);
        }

        NoteClips(rollout, now.Span<float>(), old.Span<float>(), metrics);

        // Formulas are means over what they are given: a micro-batch counts by its share of the step.
        double share = _options.Kind == GrpoKind.Bnpo
            ? rollout.Tokens / (double)whole.Tokens
            : rollout.Completions.Count / (double)whole.Answers;
        return Ops.Scale(loss, (float)share);
    }

    /// <summary>The share of tokens, or of answers where they have one ratio, that the bounds keep from being moved further.</summary>
    private void NoteClips(Rollout rollout, ReadOnlySpan<float> now, ReadOnlySpan<float> old, StepMetrics metrics)
    {
        for (int row = 0; row < rollout.Completions.Count; row++)
        {
            int start = row * rollout.Length, count = rollout.Completions[row].Tokens.Count, clipped = 0;
            double sum = 0;
            for (int i = start; i < start + count; i++)
            {
                sum += now[i] - old[i];
                clipped += IsClipped(now[i] - old[i], rollout.Advantages[row]) ? 1 : 0;
            }

            if (_options.Kind == GrpoKind.Gspo)
            {
                metrics.Add("clip_fraction", IsClipped(sum / count, rollout.Advantages[row]) ? 1 : 0);
            }
            else
            {
                metrics.Add("clip_fraction", clipped / (double)count, count);
            }
        }
    }

    private bool IsClipped(double difference, float advantage)
    {
        double ratio = Math.Exp(difference);
        return (ratio < 1 - _options.ClipLow && advantage < 0) || (ratio > 1 + _options.ClipHigh && advantage > 0);
    }
}
