using Percept.Data;

namespace Percept.Training;

/// <summary>A sample as an objective takes it: tokens and pixels, made ahead of compute.</summary>
public abstract class TrainingItem : IDisposable
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    protected TrainingItem(DatasetSample sample) => Sample = sample;

    /// <summary>The sample that it was made of.</summary>
    public DatasetSample Sample { get; }

    /// <summary>How many rows go through the model: tokens, media included.</summary>
    public abstract int Rows { get; }

    /// <summary>What the item counts in the mean of a step: its supervised tokens, or 1.</summary>
    public abstract double Weight { get; }

    /// <summary>Whether pictures, clips or sounds are among it.</summary>
    public abstract bool HasMedia { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
