using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// Losses that move a policy towards what earned a reward. Log-probabilities are of the tokens of completions.
/// </summary>
public static class PolicyLosses
{
    /// <summary>
    /// PPO (Schulman et al., 2017) with a clipped value loss; all means are over tokens that the mask counts.
    /// </summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="values">The value of each token now, float32 [B, T].</param>
    /// <param name="returns">The old values and what was earned.</param>
    /// <param name="clip">How far the ratio of probabilities may leave 1.</param>
    /// <param name="valueClip">How far values may leave the old ones.</param>
    /// <param name="valueWeight">The weight of the value loss.</param>
    public static PpoLoss Ppo(
        PolicyBatch batch, Tensor values, ValueBatch returns, float clip = 0.2f, float valueClip = 0.2f,
        float valueWeight = 0.1f)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(returns);
        Dims.Match(batch.LogProbabilities, "b t").And(batch.Old, "b t").And(batch.Mask, "b t").And(batch.Advantages, "b t")
            .And(values, "b t").And(returns.OldValues, "b t").And(returns.Returns, "b t");
        Tensor difference = Ops.Subtract(batch.LogProbabilities, batch.Old);
        Tensor policy = LossMath.MaskedMean(
            Clipped(Ops.Exp(difference), batch.Advantages, 1 - clip, 1 + clip), batch.Mask);
        Tensor near = Ops.Add(
            returns.OldValues, Ops.Clamp(Ops.Subtract(values, returns.OldValues), -valueClip, valueClip));
        Tensor squares = Ops.Maximum(
            Ops.MeanSquaredError(values, returns.Returns, Reduction.None),
            Ops.MeanSquaredError(near, returns.Returns, Reduction.None));
        Tensor value = Ops.Scale(LossMath.MaskedMean(squares, batch.Mask), 0.5f);
        Tensor loss = Ops.Add(policy, Ops.Scale(value, valueWeight));
        using (Gradients.Off())
        {
            Tensor ratio = Ops.Exp(difference);
            Tensor outside = Ops.Cast(
                Ops.Greater(Ops.Abs(Ops.Add(ratio, -1f)), Ops.Full([], clip)), DType.F32);
            return new PpoLoss(
                loss, policy, value,
                LossMath.MaskedMean(outside, batch.Mask),
                Ops.Scale(LossMath.MaskedMean(Ops.Square(difference), batch.Mask), 0.5f));
        }
    }

    /// <summary>GRPO (Shao et al., 2024) and its relatives.</summary>
    /// <param name="batch">The tokens; one advantage for each completion, [B].</param>
    /// <param name="reference">The reference model's log-probabilities, float32 [B, T], without a gradient.</param>
    /// <param name="options">The settings.</param>
    /// <returns>
    /// The loss and, over all tokens that count, the mean divergence from the reference; both float32 [], the second
    /// without a gradient.
    /// </returns>
    public static (Tensor Loss, Tensor Divergence) Grpo(PolicyBatch batch, Tensor reference, GrpoOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        options ??= new GrpoOptions();
        Dims dims = Dims.Match(batch.LogProbabilities, "b t").And(batch.Old, "b t").And(batch.Mask, "b t")
            .And(batch.Advantages, "b").And(reference, "b t");
        int rows = dims["b"], length = dims["t"];
        Tensor difference = Ops.Subtract(batch.LogProbabilities, batch.Old);
        if (options.Kind == GrpoKind.Gspo)
        {
            difference = Ops.Reshape(LossMath.MaskedRowMeans(difference, batch.Mask), [rows, 1]);
        }

        Tensor advantages = Ops.Reshape(batch.Advantages, [rows, 1]);
        Tensor perToken = Clipped(Ops.Exp(difference), advantages, 1 - options.ClipLow, 1 + options.ClipHigh);
        Tensor divergence = KlEstimators.Third(batch.LogProbabilities, Ops.Detach(reference));
        Tensor terms = options.Beta == 0
            ? Ops.BroadcastTo(perToken, batch.Mask.Shape)
            : Ops.Add(perToken, Ops.Scale(divergence, options.Beta));
        Tensor loss = options.Kind switch
        {
            GrpoKind.Bnpo => LossMath.MaskedMean(terms, batch.Mask),
            GrpoKind.DrGrpo => Ops.Scale(Ops.Sum(Ops.Multiply(terms, batch.Mask)), (float)(1.0 / ((double)rows * length))),
            _ => Ops.Mean(LossMath.MaskedRowMeans(terms, batch.Mask)),
        };
        using (Gradients.Off())
        {
            return (loss, LossMath.MaskedMean(Ops.Detach(divergence), batch.Mask));
        }
    }

    /// <summary>REINFORCE: minus the mean over completions of advantage·Σ log-probabilities.</summary>
    /// <param name="logProbabilities">Float32 [B, T].</param>
    /// <param name="advantages">Float32 [B].</param>
    /// <param name="mask">Float32 [B, T], 1 for tokens that count.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Reinforce(Tensor logProbabilities, Tensor advantages, Tensor mask)
    {
        Dims.Match(logProbabilities, "b t").And(mask, "b t").And(advantages, "b");
        Tensor sums = Ops.Sum(Ops.Multiply(logProbabilities, mask), 1);
        return Ops.Negate(Ops.Mean(Ops.Multiply(sums, advantages)));
    }

    /// <summary>−min(ratio·A, clip(ratio)·A).</summary>
    private static Tensor Clipped(Tensor ratio, Tensor advantages, float low, float high) => Ops.Negate(Ops.Minimum(
        Ops.Multiply(ratio, advantages), Ops.Multiply(Ops.Clamp(ratio, low, high), advantages)));
}
