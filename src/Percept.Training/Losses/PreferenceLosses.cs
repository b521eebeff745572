using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>Losses that make a policy prefer what people chose. Formulas are those of trl 1.16.</summary>
public static class PreferenceLosses
{
    private const float SmallestSmoothing = 1e-3f;

    /// <summary>Direct preference optimisation and its relatives, see <see cref="PreferenceKind"/>.</summary>
    /// <param name="policy">What the policy gives.</param>
    /// <param name="reference">What the reference model gives, without gradients; null counts as 0 everywhere.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">
    /// A setting is out of range, or the lengths that IPO needs are missing.
    /// </exception>
    public static PreferenceLoss Dpo(
        CompletionPairs policy, CompletionPairs? reference = null, PreferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new PreferenceOptions();
        OptimizerChecks.Positive(options.Beta, "beta");
        if (!(options.LabelSmoothing >= 0 && options.LabelSmoothing < 0.5f))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"The label smoothing is {options.LabelSmoothing}, expected at least 0 and less than 0.5."),
                nameof(options));
        }

        Dims.Match(policy.Chosen, "n").And(policy.Rejected, "n");
        Tensor chosen = reference is null ? policy.Chosen : Ops.Subtract(policy.Chosen, Ops.Detach(reference.Chosen));
        Tensor rejected = reference is null ? policy.Rejected : Ops.Subtract(policy.Rejected, Ops.Detach(reference.Rejected));
        Tensor losses = options.Kind == PreferenceKind.Ipo
            ? Ops.Square(Ops.Add(
                Ops.Subtract(
                    Average(chosen, policy.ChosenLengths, nameof(policy)),
                    Average(rejected, policy.RejectedLengths, nameof(policy))),
                -0.5f / options.Beta))
            : Losses(chosen, rejected, options);
        Tensor loss = Ops.Mean(losses);
        using (Gradients.Off())
        {
            return new PreferenceLoss(
                loss, losses, Ops.Scale(Ops.Detach(chosen), options.Beta), Ops.Scale(Ops.Detach(rejected), options.Beta));
        }
    }

    /// <summary>
    /// SimPO (Meng et al., 2024): −log σ(β·(average of chosen − average of rejected) − γ), without a reference.
    /// </summary>
    /// <param name="policy">What the policy gives, with lengths.</param>
    /// <param name="beta">β.</param>
    /// <param name="gamma">γ, the margin.</param>
    /// <returns>Float32 [], the mean over pairs.</returns>
    public static Tensor SimPo(CompletionPairs policy, float beta = 2f, float gamma = 1f)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Tensor difference = Ops.Subtract(
            Average(policy.Chosen, policy.ChosenLengths, nameof(policy)),
            Average(policy.Rejected, policy.RejectedLengths, nameof(policy)));
        return Ops.Negate(Ops.Mean(Ops.LogSigmoid(Ops.Affine(difference, beta, -gamma))));
    }

    /// <summary>ORPO's part for pairs (Hong et al., 2024): the logarithm of the odds ratio of token averages.</summary>
    /// <param name="policy">What the policy gives, with lengths.</param>
    /// <returns>Float32 [n].</returns>
    public static Tensor LogOdds(CompletionPairs policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Ops.Subtract(
            LogOdds(Average(policy.Chosen, policy.ChosenLengths, nameof(policy))),
            LogOdds(Average(policy.Rejected, policy.RejectedLengths, nameof(policy))));
    }

    /// <summary>
    /// ORPO: the chosen completions' own loss − β·mean log σ(log odds). A trainer gives the token mean of the batch as
    /// the former.
    /// </summary>
    /// <param name="chosenLoss">The loss of the chosen completions as language, float32 [].</param>
    /// <param name="logOdds">Float32 [n], of <see cref="LogOdds(CompletionPairs)"/>.</param>
    /// <param name="beta">β.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Orpo(Tensor chosenLoss, Tensor logOdds, float beta = 0.1f) =>
        Ops.Subtract(chosenLoss, Ops.Scale(Ops.Mean(Ops.LogSigmoid(logOdds)), beta));

    /// <summary>
    /// KTO (Ethayarajh et al., 2024), of single completions: weight·(1 − σ(β·(log ratio − KL))) for good ones,
    /// weight·(1 − σ(β·(KL − log ratio))) for bad ones.
    /// </summary>
    /// <param name="policy">Sums of log-probabilities, float32 [n].</param>
    /// <param name="reference">The reference model's, [n], without a gradient.</param>
    /// <param name="desirable">Whether each completion is a good one, n values.</param>
    /// <param name="divergence">KL, of <see cref="KtoDivergence"/>; a constant.</param>
    /// <param name="options">β and the weights.</param>
    /// <returns>The mean over completions, [], and each one's, [n].</returns>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static (Tensor Loss, Tensor Losses) Kto(
        Tensor policy, Tensor reference, ReadOnlySpan<bool> desirable, double divergence, KtoOptions? options = null)
    {
        options ??= new KtoOptions();
        int count = Dims.Match(policy, "n").And(reference, "n")["n"];
        if (desirable.Length != count)
        {
            throw new ArgumentException($"{desirable.Length} answers are marked, expected {count}.", nameof(desirable));
        }

        Tensor slopes = Ops.Empty([count]), weights = Ops.Empty([count]);
        Span<float> slope = slopes.Writable<float>(), weight = weights.Writable<float>();
        for (int i = 0; i < count; i++)
        {
            slope[i] = desirable[i] ? options.Beta : -options.Beta;
            weight[i] = desirable[i] ? options.DesirableWeight : options.UndesirableWeight;
        }

        Tensor ratios = Ops.Add(Ops.Subtract(policy, Ops.Detach(reference)), (float)-divergence);

        // 1 − σ(x) = σ(−x).
        Tensor losses = Ops.Multiply(Ops.Sigmoid(Ops.Negate(Ops.Multiply(ratios, slopes))), weights);
        return (Ops.Mean(losses), losses);
    }

    /// <summary>
    /// KTO's estimate of the divergence: the mean log ratio of mismatched prompts and answers, at least 0.
    /// </summary>
    /// <param name="logRatios">Float32 [n].</param>
    public static double KtoDivergence(Tensor logRatios) =>
        Math.Max(0, LossMath.Total(logRatios.Span<float>()) / Math.Max(1, logRatios.Count));

    /// <summary>
    /// A reward model's (Bradley and Terry, 1952): −log σ(chosen − rejected − margin), plus coefficient·(chosen +
    /// rejected)², which keeps rewards around 0; means over pairs.
    /// </summary>
    /// <param name="chosen">Rewards of the chosen, float32 [n].</param>
    /// <param name="rejected">Rewards of the rejected, [n].</param>
    /// <param name="margin">By how much the chosen should be better, [n]; none when left out.</param>
    /// <param name="centring">The coefficient; 0 for none.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor BradleyTerry(Tensor chosen, Tensor rejected, Tensor? margin = null, float centring = 0f)
    {
        Dims.Match(chosen, "n").And(rejected, "n");
        Tensor difference = Ops.Subtract(chosen, rejected);
        Tensor loss = Ops.Negate(Ops.Mean(Ops.LogSigmoid(
            margin is { } least ? Ops.Subtract(difference, least) : difference)));
        return centring == 0
            ? loss
            : Ops.Add(loss, Ops.Scale(Ops.Mean(Ops.Square(Ops.Add(chosen, rejected))), centring));
    }

    private static Tensor Losses(Tensor chosen, Tensor rejected, PreferenceOptions options)
    {
        float beta = options.Beta, smoothing = options.LabelSmoothing;
        Tensor Up(Tensor x) => Ops.LogSigmoid(Ops.Scale(x, beta));
        Tensor Down(Tensor x) => Ops.LogSigmoid(Ops.Scale(x, -beta));
        Tensor delta = Ops.Subtract(chosen, rejected);
        switch (options.Kind)
        {
            case PreferenceKind.Sigmoid:
                return Sum(Up(delta), -(1 - smoothing), Down(delta), -smoothing);
            case PreferenceKind.Robust:
                float scale = 1 - (2 * smoothing);
                return Sum(Up(delta), -(1 - smoothing) / scale, Down(delta), smoothing / scale);
            case PreferenceKind.Hinge:
                return Ops.Relu(Ops.Affine(delta, -beta, 1f));
            case PreferenceKind.Exo:
                float rare = smoothing == 0 ? SmallestSmoothing : smoothing;
                Tensor right = Ops.Add(Up(delta), -MathF.Log(1 - rare)), wrong = Ops.Add(Down(delta), -MathF.Log(rare));
                return Ops.Add(Ops.Multiply(Ops.Exp(Up(delta)), right), Ops.Multiply(Ops.Exp(Down(delta)), wrong));
            case PreferenceKind.Nca:
                return Ops.Subtract(Ops.Negate(Up(chosen)), Sum(Down(chosen), 0.5f, Down(rejected), 0.5f));
            case PreferenceKind.Bco:
                return Sum(Up(chosen), -1f, Down(rejected), -1f);
            case PreferenceKind.Sppo:
                return Ops.Add(
                    Ops.Square(Ops.Add(chosen, -0.5f / beta)), Ops.Square(Ops.Add(rejected, 0.5f / beta)));
            case PreferenceKind.ApoZero:
                return Ops.Add(Ops.Exp(Down(chosen)), Ops.Exp(Up(rejected)));
            case PreferenceKind.ApoDown:
                return Ops.Add(Ops.Exp(Up(chosen)), Ops.Exp(Down(delta)));
            default:
                throw new ArgumentException($"There is no loss {options.Kind} of sums.", nameof(options));
        }
    }

    private static Tensor Sum(Tensor a, float aFactor, Tensor b, float bFactor) => bFactor == 0
        ? Ops.Scale(a, aFactor)
        : Ops.Add(Ops.Scale(a, aFactor), Ops.Scale(b, bFactor));

    /// <summary>log(p/(1 − p)) of log p.</summary>
    private static Tensor LogOdds(Tensor logs) => Ops.Subtract(logs, Ops.Log(Ops.Negate(Ops.Expm1(logs))));

    private static Tensor Average(Tensor sums, Tensor? lengths, string argument) => lengths is { } given
        ? Ops.Divide(sums, given)
        : throw new ArgumentException("Token averages need the lengths of the completions.", argument);
}
