using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>Weights that an <see cref="Optimizer"/> treats alike.</summary>
/// <param name="Parameters">The weights: float32 leaves that require a gradient, each in one group only.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>Multiplies the learning rate of each step; 0.1 trains this group ten times slower.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>The weight decay of this group; null for the optimizer's own, 0 for none.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>
    /// Whether <see cref="Muon"/> may orthogonalise the matrices of this group; embeddings and output heads are better
    /// stepped element by element. Other optimizers do not read it.
    /// </summary>
    public bool Orthogonalises { get; init; } = true;
}
