using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns the answers of conversations: the cross entropy of each supervised token given all before it, over text, pictures and clips.
/// Each token of a step counts alike.
/// </summary>
public sealed class SupervisedObjective : SummedObjective
{
    private readonly PreparedPrompts _prompts;
    private readonly LengthLimit _limit;
    private readonly PackedTokens _packed;
    private readonly float _smoothing;
    private readonly bool _learnsPrompt;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <param name="cache">Where prepared conversations are kept; null for nowhere.</param>
    /// <exception cref="NotSupportedException">The model writes no text, or there is no processor.</exception>
    public SupervisedObjective(TrainedModel model, LossRecipe loss, ICommunicator? ranks = null, PreparedCache? cache = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        SupervisionOptions supervision = loss.Supervision();
        _prompts = new PreparedPrompts(new SupervisedSpans(model.NeedProcessor(), supervision), model.Folder, supervision, cache);
        _limit = new LengthLimit(model, loss);
        _packed = new PackedTokens(model);
        _smoothing = (float)loss.LabelSmoothing;
        _learnsPrompt = model.Adapter is { Config.IsPrompt: true };
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        SupervisedPrompt prompt = _prompts.Prepare(sample);
        if (prompt.Apart is not null && _learnsPrompt)
        {
            prompt.Dispose();
            throw new InvalidDataException(
                $"{sample} has turns that stand apart, which cannot follow on learned tokens. Set turns: together, or train another adapter.");
        }

        var item = new TokenItem(sample, prompt);
        return _limit.Keep(item, item.Rows);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        _packed.Clear();
        for (int i = 0; i < items.Count; i++)
        {
            _packed.Add((TokenItem)items[i]);
        }

        var options = new CrossEntropyOptions { Reduction = Reduction.Sum, Divisor = whole.Items, LabelSmoothing = _smoothing };
        Tensor loss = _packed.Loss(options);

        // The loss of routers is a mean over tokens: a micro-batch counts by its share of what is learned.
        return _packed.BalanceLoss() is { } balance
            ? Ops.Add(loss, Ops.Scale(balance, (float)(_packed.Count / whole.Items)))
            : loss;
    }
}
