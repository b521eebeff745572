using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Proximal policy optimisation (Schulman et al., 2017; Ouyang et al., 2022): tokens after which more is earned than a value head expected
/// become more likely; the distance from the model as it was is paid at each token, the answer's reward comes at its last one.
/// </summary>
public sealed class PpoObjective : PolicyObjective
{
    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor and a value head.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the random numbers of answers begin.</param>
    /// <param name="origin">The folder of the model as it was before training.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model writes no text, or there is no processor.</exception>
    public PpoObjective(TrainedModel model, LossRecipe loss, ulong seed, string origin, ICommunicator? ranks = null)
        : base(model, loss, seed, origin, ranks)
    {
    }

    /// <inheritdoc/>
    private protected override bool NeedsOld => true;

    private protected override void Weigh(IReadOnlyList<Rollout> rollouts)
    {
        using TensorScope scope = TensorScope.Open();
        Rollout[] known = [.. rollouts.Where(rollout => rollout.Completions.Count > 0)];
        foreach (Rollout rollout in known)
        {
            Tensor old = rollout.Of(rollout.Old!), mask = rollout.Of(rollout.Mask);
            Tensor scores = Tensor.From<float>(rollout.Rewards, [rollout.Rewards.Length]);
            Tensor rewards = PolicyAdvantages.Rewards(
                old, rollout.Reference is { } reference ? rollout.Of(reference) : old, scores, mask, Recipe.Beta);
            (Tensor advantages, Tensor returns) = PolicyAdvantages.Generalised(
                rewards, rollout.Of(rollout.Values), mask, Recipe.Gamma, Recipe.Lambda);
            rollout.Advantages = advantages.Span<float>().ToArray();
            rollout.Returns = returns.Span<float>().ToArray();
        }

        if (Ranks.Sum(known.Sum(rollout => (double)rollout.Tokens)) < 2)
        {
            return;
        }

        // Over all tokens of the step, however it is cut and shared.
        float[] all = [.. known.SelectMany(rollout => rollout.Advantages)], counts = [.. known.SelectMany(rollout => rollout.Mask)];
        ReadOnlySpan<float> white = PolicyAdvantages.Whitened(
            Tensor.From<float>(all, [all.Length]), Tensor.From<float>(counts, [counts.Length]), Ranks).Span<float>();
        foreach (Rollout rollout in known)
        {
            rollout.Advantages = white[..rollout.Mask.Length].ToArray();
            white = white[rollout.Mask.Length..];
        }
    }

    private protected override Tensor Loss(Rollout rollout, PolicyPass pass, PolicyWeight whole, StepMetrics metrics)
    {
        Tensor mask = rollout.Of(rollout.Mask);
        var batch = new PolicyBatch(pass.LogProbabilities, rollout.Of(rollout.Old!), rollout.Of(rollout.Advantages), mask);
        PpoLoss loss = PolicyLosses.Ppo(
            batch, pass.Values!.Value, new ValueBatch(rollout.Of(rollout.Values), rollout.Of(rollout.Returns)), (float)Recipe.Clip,
            (float)Recipe.ValueClip, (float)Recipe.ValueWeight);
        metrics.Add("policy_loss", loss.Policy.Item(), rollout.Tokens);
        metrics.Add("value_loss", loss.Value.Item(), rollout.Tokens);
        metrics.Add("clip_fraction", loss.ClipFraction.Item(), rollout.Tokens);
        if (rollout.Reference is { } reference)
        {
            Tensor divergence = KlEstimators.Third(Ops.Detach(pass.LogProbabilities), rollout.Of(reference));
            metrics.Add("kl", LossMath.MaskedMean(divergence, mask).Item(), rollout.Tokens);
        }

        return Ops.Scale(loss.Loss, (float)(rollout.Tokens / (double)whole.Tokens));
    }
}
