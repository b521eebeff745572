using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns which of two answers is the better one: direct preference optimisation and its relatives against the model as it was, SimPO and
/// ORPO without it. Each pair of a step counts alike.
/// </summary>
public sealed class PreferenceObjective : SummedObjective
{
    private static readonly Dictionary<string, PreferenceKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["sigmoid"] = PreferenceKind.Sigmoid,
        ["robust"] = PreferenceKind.Robust,
        ["hinge"] = PreferenceKind.Hinge,
        ["ipo"] = PreferenceKind.Ipo,
        ["exo_pair"] = PreferenceKind.Exo,
        ["nca_pair"] = PreferenceKind.Nca,
        ["bco_pair"] = PreferenceKind.Bco,
        ["sppo_hard"] = PreferenceKind.Sppo,
        ["apo_zero"] = PreferenceKind.ApoZero,
        ["apo_down"] = PreferenceKind.ApoDown,
    };

    private readonly SupervisedSpans _spans;
    private readonly LengthLimit _limit;
    private readonly PackedTokens _packed;
    private readonly ReferenceModel? _reference;
    private readonly LossRecipe _loss;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="origin">The folder of the model as it was before training.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model writes no text, or there is no processor.</exception>
    public PreferenceObjective(TrainedModel model, LossRecipe loss, string origin, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _loss = loss;
        _spans = new SupervisedSpans(model.NeedProcessor(), loss.Supervision());
        _limit = new LengthLimit(model, loss);
        _packed = new PackedTokens(model);
        _reference = NeedsReference ? new ReferenceModel(model, _packed, origin) : null;
    }

    /// <summary>The formulas, by trl's names.</summary>
    public static IReadOnlyList<string> Formulas { get; } = [.. s_kinds.Keys, "simpo", "orpo", Kto];

    /// <summary>The formula of single answers, <see cref="KtoObjective"/>.</summary>
    internal const string Kto = "kto";

    /// <inheritdoc/>
    public override bool MayReachZero => _loss.Formula == "hinge";

    private bool NeedsReference => s_kinds.ContainsKey(_loss.Formula);

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw) => PreferenceItem.Prepare(sample, _spans, _limit);

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        CompletionPairs? before = _reference?.Ask(packed => Pairs(packed, items, out _));
        CompletionPairs policy = Pairs(_packed, items, out Tensor tokenLosses);
        float share = (float)(items.Count / whole.Items);
        if (before is null)
        {
            Note(metrics, policy.Chosen, policy.Rejected, items.Count);
            if (_loss.Formula == "simpo")
            {
                return Ops.Scale(PreferenceLosses.SimPo(policy, (float)_loss.Beta, (float)_loss.Margin), share);
            }

            // Each token of the step's better answers counts alike, and each pair: two means over different things.
            Tensor answers = Ops.Scale(SumOfChosen(tokenLosses, items.Count), (float)(1 / (share * whole.AnswerTokens)));
            return Ops.Scale(PreferenceLosses.Orpo(answers, PreferenceLosses.LogOdds(policy), (float)_loss.Beta), share);
        }

        PreferenceLoss loss = PreferenceLosses.Dpo(policy, before, new PreferenceOptions
        {
            Kind = s_kinds[_loss.Formula],
            Beta = (float)_loss.Beta,
            LabelSmoothing = (float)_loss.LabelSmoothing,
        });
        Note(metrics, loss.ChosenRewards, loss.RejectedRewards, items.Count);
        return Ops.Scale(loss.Loss, share);
    }

    private static void Note(StepMetrics? metrics, Tensor chosen, Tensor rejected, int count)
    {
        if (metrics is null)
        {
            return;
        }

        ReadOnlySpan<float> better = chosen.Span<float>(), worse = rejected.Span<float>();
        for (int i = 0; i < count; i++)
        {
            metrics.Add("accuracy", better[i] > worse[i] ? 1 : 0);
            metrics.Add("margin", better[i] - worse[i]);
        }
    }

    /// <summary>Sums of log-probabilities: all better ends, then all worse ones, in one packed batch.</summary>
    private static CompletionPairs Pairs(PackedTokens packed, IReadOnlyList<TrainingItem> items, out Tensor tokenLosses)
    {
        packed.Clear();
        packed.AddPairs(items);
        tokenLosses = packed.TokenLosses();
        int pairs = items.Count;
        return new CompletionPairs(packed.Sums(tokenLosses, 0, pairs), packed.Sums(tokenLosses, pairs, pairs))
        {
            ChosenLengths = Lengths(packed, 0, pairs),
            RejectedLengths = Lengths(packed, pairs, pairs),
        };
    }

    private static Tensor Lengths(PackedTokens packed, int first, int count)
    {
        Tensor lengths = Ops.Empty([count]);
        Span<float> values = lengths.Writable<float>();
        for (int i = 0; i < count; i++)
        {
            values[i] = packed.Ends[first + i] - (first + i == 0 ? 0 : packed.Ends[first + i - 1]);
        }

        return lengths;
    }

    private Tensor SumOfChosen(Tensor tokenLosses, int pairs) =>
        Ops.Sum(Ops.Narrow(tokenLosses, 0, 0, _packed.Ends[pairs - 1]));
}
