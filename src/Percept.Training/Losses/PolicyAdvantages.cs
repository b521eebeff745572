using Percept.Tensors;

namespace Percept.Training;

/// <summary>How much better than expected tokens and completions were; plain numbers, without gradients.</summary>
public static class PolicyAdvantages
{
    /// <summary>
    /// PPO's rewards: −weight·(old − reference) for each token, plus the completion's score at its last token; 0
    /// elsewhere.
    /// </summary>
    /// <param name="old">The policy's log-probabilities, float32 [B, T].</param>
    /// <param name="reference">The reference model's, [B, T].</param>
    /// <param name="scores">Float32 [B].</param>
    /// <param name="mask">Float32 [B, T], 1 for tokens of the completion.</param>
    /// <param name="weight">The weight of the divergence.</param>
    /// <returns>Float32 [B, T].</returns>
    public static Tensor Rewards(Tensor old, Tensor reference, Tensor scores, Tensor mask, double weight)
    {
        Dims dims = Dims.Match(old, "b t").And(reference, "b t").And(mask, "b t").And(scores, "b");
        int length = dims["t"];
        Tensor result = Ops.Zeros(old.Shape);
        Span<float> rewards = result.Writable<float>();
        ReadOnlySpan<float> before = old.Span<float>(), other = reference.Span<float>(), counts = mask.Span<float>();
        for (int row = 0; row < dims["b"]; row++)
        {
            int last = -1;
            for (int i = row * length; i < (row + 1) * length; i++)
            {
                if (counts[i] != 0)
                {
                    rewards[i] = (float)(-weight * ((double)before[i] - other[i]));
                    last = i;
                }
            }

            if (last >= 0)
            {
                rewards[last] += scores.Span<float>()[row];
            }
        }

        return result;
    }

    /// <summary>
    /// Generalised advantage estimation (Schulman et al., 2016): δ = r + γ·V′ − V, A = δ + γ·λ·A′, where what follows
    /// the mask is 0.
    /// </summary>
    /// <param name="rewards">Float32 [B, T].</param>
    /// <param name="values">Float32 [B, T].</param>
    /// <param name="mask">Float32 [B, T], 1 for tokens of the completion.</param>
    /// <param name="gamma">The discount.</param>
    /// <param name="lambda">How much later differences count.</param>
    /// <returns>Advantages and returns (advantages + values), float32 [B, T], 0 where the mask is 0.</returns>
    public static (Tensor Advantages, Tensor Returns) Generalised(
        Tensor rewards, Tensor values, Tensor mask, double gamma, double lambda)
    {
        Dims dims = Dims.Match(rewards, "b t").And(values, "b t").And(mask, "b t");
        int length = dims["t"];
        Tensor advantages = Ops.Zeros(rewards.Shape), returns = Ops.Zeros(rewards.Shape);
        Span<float> better = advantages.Writable<float>(), earned = returns.Writable<float>();
        ReadOnlySpan<float> reward = rewards.Span<float>(), value = values.Span<float>(), counts = mask.Span<float>();
        for (int row = 0; row < dims["b"]; row++)
        {
            double next = 0, nextValue = 0;
            for (int i = ((row + 1) * length) - 1; i >= row * length; i--)
            {
                if (counts[i] == 0)
                {
                    (next, nextValue) = (0, 0);
                    continue;
                }

                next = reward[i] + (gamma * nextValue) - value[i] + (gamma * lambda * next);
                nextValue = value[i];
                better[i] = (float)next;
                earned[i] = (float)(next + value[i]);
            }
        }

        return (advantages, returns);
    }

    /// <summary>
    /// (A − mean)/√(variance + 10⁻⁸) over the places that the mask counts, 0 elsewhere; the variance is the unbiased
    /// one.
    /// </summary>
    /// <param name="advantages">Float32.</param>
    /// <param name="mask">Float32 of the same shape, 1 for places that count; at least two of them, in all ranks together.</param>
    /// <param name="ranks">The ranks whose places count together, each of which calls this; null for this process alone.</param>
    /// <returns>Float32 of the same shape.</returns>
    /// <exception cref="ArgumentException">Fewer than two places count.</exception>
    public static Tensor Whitened(Tensor advantages, Tensor mask, ICommunicator? ranks = null)
    {
        ranks ??= SingleProcess.Instance;
        Tensor result = Ops.Zeros(advantages.Shape);
        Span<float> values = result.Writable<float>();
        ReadOnlySpan<float> given = advantages.Span<float>(), counts = mask.Span<float>();
        double sum = 0, squares = 0;
        for (int i = 0; i < given.Length; i++)
        {
            sum += given[i] * (double)counts[i];
        }

        Span<double> sums = [LossMath.Total(counts), sum];
        ranks.Sum(sums);
        double count = sums[0], mean = sums[1] / count;
        if (count < 2)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{count} places count, expected at least 2 for a variance."), nameof(mask));
        }

        for (int i = 0; i < given.Length; i++)
        {
            squares += Math.Pow(given[i] - mean, 2) * counts[i];
        }

        double divisor = Math.Sqrt((ranks.Sum(squares) / (count - 1)) + 1e-8);
        for (int i = 0; i < given.Length; i++)
        {
            values[i] = counts[i] == 0 ? 0 : (float)((given[i] - mean) / divisor);
        }

        return result;
    }

    /// <summary>
    /// GRPO's: reward − mean of its prompt's completions, over (their unbiased deviation + 10⁻⁴) unless left out.
    /// </summary>
    /// <param name="rewards">Float32 [prompts·size], the completions of a prompt side by side.</param>
    /// <param name="size">How many completions a prompt has, at least 2.</param>
    /// <param name="scaled">Whether to divide; Dr. GRPO does not.</param>
    /// <returns>Float32 [prompts·size].</returns>
    /// <exception cref="ArgumentException">The rewards are no whole number of groups.</exception>
    public static Tensor OfGroups(Tensor rewards, int size, bool scaled = true) => ByGroup(
        rewards, size, (mean, deviation, reward) => (reward - mean) / (scaled ? deviation + 1e-4 : 1));

    /// <summary>
    /// Reward minus the mean of the other completions of its prompt (leave-one-out REINFORCE, Ahmadian et al., 2024).
    /// </summary>
    /// <param name="rewards">Float32 [prompts·size], the completions of a prompt side by side.</param>
    /// <param name="size">How many completions a prompt has, at least 2.</param>
    /// <returns>Float32 [prompts·size].</returns>
    /// <exception cref="ArgumentException">The rewards are no whole number of groups.</exception>
    public static Tensor LeaveOneOut(Tensor rewards, int size) =>
        ByGroup(rewards, size, (mean, _, reward) => (reward - mean) * size / (size - 1));

    private static Tensor ByGroup(Tensor rewards, int size, Func<double, double, float, double> advantage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        int count = Dims.Match(rewards, "n")["n"];
        if (count % size != 0)
        {
            throw new ArgumentException($"{count} rewards are no whole number of groups of {size}.", nameof(rewards));
        }

        Tensor result = Ops.Empty(rewards.Shape);
        Span<float> values = result.Writable<float>();
        for (int start = 0; start < count; start += size)
        {
            ReadOnlySpan<float> group = rewards.Span<float>().Slice(start, size);
            double mean = LossMath.Total(group) / size, squares = 0;
            foreach (float reward in group)
            {
                squares += (reward - mean) * (reward - mean);
            }

            double deviation = Math.Sqrt(squares / (size - 1));
            for (int i = 0; i < size; i++)
            {
                values[start + i] = (float)advantage(mean, deviation, group[i]);
            }
        }

        return result;
    }
}
