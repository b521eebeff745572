using Percept.Data;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// An objective that is a sum over items: a step's loss is the sum over all its micro-batches, divided by what counts in all of
/// them. So a step cut into micro-batches, or shared by ranks, is the same as one that is computed at once, however unequal they are.
/// </summary>
public abstract class SummedObjective : IObjective
{
    private readonly TrainedModel _model;
    private readonly ICommunicator _ranks;

    /// <summary>Makes an objective.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    protected SummedObjective(TrainedModel model, ICommunicator? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _ranks = ranks ?? SingleProcess.Instance;
    }

    /// <inheritdoc/>
    public virtual bool MayReachZero => false;

    /// <inheritdoc/>
    public abstract TrainingItem? Prepare(DatasetSample sample, ulong draw);

    /// <inheritdoc/>
    public virtual void Begin(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
    }

    /// <inheritdoc/>
    public virtual double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var whole = StepWeight.Of(batches, _ranks);
        double loss = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            if (batches[i].Count == 0)
            {
                continue;
            }

            // Dropout draws anew in each micro-batch of each rank.
            using TensorScope scope = TensorScope.Open();
            _model.BeginMicroBatch(step, (i * _ranks.Size) + _ranks.Rank);
            Tensor part = Loss(batches[i], whole, metrics);
            loss += part.Item();

            // A batch that does not reach what is trained, such as one without pictures for a projector, has no gradient.
            if (part.RequiresGrad)
            {
                Gradients.Backward(part);
            }
        }

        return loss;
    }

    /// <inheritdoc/>
    public virtual double Evaluate(IReadOnlyList<TrainingItem> batch)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _model.EndSteps();
        return Loss(batch, StepWeight.Of(batch), null).Item();
    }

    /// <summary>Frees what the objective holds beside the model.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The sum of the losses of items over a divisor.</summary>
    /// <param name="items">The items.</param>
    /// <param name="whole">What counts in the whole step, the divisor.</param>
    /// <param name="metrics">Takes what is told besides; null for nobody.</param>
    /// <returns>Float32 [].</returns>
    protected abstract Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics);
}
