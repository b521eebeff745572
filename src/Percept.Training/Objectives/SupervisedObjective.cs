using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns the answers of conversations: the cross entropy of each supervised token given all before it, over text, pictures, clips and
/// sounds. Each token of a step counts alike.
/// </summary>
public sealed class SupervisedObjective : SummedObjective
{
    private readonly ConversationPreparer _preparer;
    private readonly PackedTokens _packed;
    private readonly float _smoothing;
    private readonly List<TokenItem> _items = [];

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <exception cref="NotSupportedException">The model writes no text.</exception>
    public SupervisedObjective(TrainedModel model, LossRecipe loss)
        : base(model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        _preparer = new ConversationPreparer(model.NeedProcessor(), loss, model.NeedLanguage().MaximumPositions);
        _packed = new PackedTokens(model.NeedLanguage(), model.Multimodal);
        _smoothing = (float)loss.LabelSmoothing;
    }

    /// <inheritdoc/>
    public override TrainingItem Prepare(DatasetSample sample, ulong draw) => _preparer.Prepare(sample, sample.Messages);

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, double divisor, StepMetrics? metrics)
    {
        _items.Clear();
        for (int i = 0; i < items.Count; i++)
        {
            _items.Add((TokenItem)items[i]);
        }

        _packed.Fill(_items);
        var options = new CrossEntropyOptions
        {
            Reduction = Reduction.Sum,
            Divisor = divisor,
            LabelSmoothing = _smoothing,
        };
        return Ops.CrossEntropy(_packed.Logits(), _packed.Targets(), options);
    }
}
