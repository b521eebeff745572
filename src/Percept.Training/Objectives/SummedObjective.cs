using Percept.Data;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// An objective that is a sum over items: a step's loss is the sum over all its micro-batches, divided by what counts in all of
/// them. So a step cut into micro-batches is the same as one that is computed at once, however unequal they are.
/// </summary>
public abstract class SummedObjective : IObjective
{
    private readonly TrainedModel _model;

    /// <summary>Makes an objective.</summary>
    /// <param name="model">The model.</param>
    protected SummedObjective(TrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
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
    public double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        double weight = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            weight += WeightOf(batches[i]);
        }

        double loss = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            using TensorScope scope = TensorScope.Open();
            _model.BeginMicroBatch(step, i);
            Tensor part = Loss(batches[i], weight, metrics);
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
        return Loss(batch, WeightOf(batch), null).Item();
    }

    /// <summary>Frees what the objective holds beside the model.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The sum of the losses of items over a divisor.</summary>
    /// <param name="items">The items.</param>
    /// <param name="divisor">What counts in the whole step.</param>
    /// <param name="metrics">Takes what is told besides; null for nobody.</param>
    /// <returns>Float32 [].</returns>
    protected abstract Tensor Loss(IReadOnlyList<TrainingItem> items, double divisor, StepMetrics? metrics);

    private static double WeightOf(IReadOnlyList<TrainingItem> items)
    {
        double weight = 0;
        for (int i = 0; i < items.Count; i++)
        {
            weight += items[i].Weight;
        }

        return weight;
    }
}
