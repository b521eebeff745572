using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns to give the better of two answers the greater reward (Bradley and Terry, 1952; Ouyang et al., 2022): one number for a whole
/// conversation, read at its last token. Each pair of a step counts alike.
/// </summary>
public sealed class RewardObjective : SummedObjective
{
    private readonly ISequenceClassifier _classifier;
    private readonly SupervisedSpans _spans;
    private readonly LengthLimit _limit;
    private readonly PackedTokens _packed;
    private readonly float _centring;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A decoder with a head of one number, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no such model, or there is no processor.</exception>
    /// <exception cref="InvalidDataException">The recipe does not train the head.</exception>
    public RewardObjective(TrainedModel model, LossRecipe loss, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _classifier = model.NeedRewards();
        if (!model.Loaded.Report.Trained.Any(parameter => model.Parts.PartOf(parameter.Name) == ModelParts.Head))
        {
            throw new InvalidDataException(
                $"The recipe keeps the part '{ModelParts.Head}' of '{model.Folder}' frozen, expected it to be trained: it says the reward. " +
                $"Set parts.{ModelParts.Head} to full.");
        }

        _spans = new SupervisedSpans(model.NeedProcessor(), loss.Supervision());
        _limit = new LengthLimit(model, loss);
        _packed = new PackedTokens(model);
        _centring = (float)loss.Centering;
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw) => PreferenceItem.Prepare(sample, _spans, _limit);

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        int pairs = items.Count;
        _packed.Clear();
        _packed.AddPairs(items);
        Tensor scores = _packed.Scores(_classifier);
        Tensor chosen = Ops.Narrow(scores, 0, 0, pairs), rejected = Ops.Narrow(scores, 0, pairs, pairs);
        if (metrics is not null)
        {
            ReadOnlySpan<float> values = scores.Span<float>();
            for (int i = 0; i < pairs; i++)
            {
                metrics.Add("accuracy", values[i] > values[pairs + i] ? 1 : 0);
                metrics.Add("margin", values[i] - values[pairs + i]);
                metrics.Add("reward", 0.5 * (values[i] + values[pairs + i]));
            }
        }

        Tensor loss = PreferenceLosses.BradleyTerry(chosen, rejected, null, _centring);
        return Ops.Scale(loss, (float)(pairs / whole.Items));
    }
}
