using Percept.Data;

namespace Percept.Training;

/// <summary>What training makes smaller: prepares samples, computes losses and adds their gradients to the weights.</summary>
public interface IObjective : IDisposable
{
    /// <summary>Whether a loss of 0 means that everything is learned, rather than that nothing counts.</summary>
    bool MayReachZero => false;

    /// <summary>How many updates of the weights a step makes with its samples.</summary>
    int Updates => 1;

    /// <summary>Makes a sample ready.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="draw">A number of this use of the sample alone: where random numbers of its preparation begin.</param>
    /// <returns>The item, which the caller disposes; null for a sample that the recipe says to skip.</returns>
    /// <remarks>Safe for several threads.</remarks>
    /// <exception cref="InvalidDataException">The sample cannot be learned from; the message names it.</exception>
    TrainingItem? Prepare(DatasetSample sample, ulong draw);

    /// <summary>
    /// Begins a step, before its first update: what follows from the weights as they are now is found out here. Where several ranks share the
    /// step, each calls this, also one without items.
    /// </summary>
    /// <param name="batches">The step's micro-batches.</param>
    /// <param name="step">The number of the step, from 0.</param>
    /// <param name="metrics">Takes what is told besides the loss.</param>
    void Begin(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
    }

    /// <summary>
    /// Computes the loss of a step, or of one of its updates, and adds its gradients to those of the weights. Where several ranks share the
    /// step, each computes its part, and what they give and add sums up to the whole: loss, gradients and metrics.
    /// </summary>
    /// <param name="batches">The step's micro-batches, as many in every rank; a rank's share of one may be empty.</param>
    /// <param name="step">The number of the step, from 0.</param>
    /// <param name="metrics">Takes what is told besides the loss.</param>
    /// <returns>The mean loss of the step, over everything that counts in it; of several ranks, this one's part of it.</returns>
    double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics);

    /// <summary>The mean loss of a batch, without gradients; of this rank alone.</summary>
    /// <param name="batch">The items.</param>
    double Evaluate(IReadOnlyList<TrainingItem> batch);
}
