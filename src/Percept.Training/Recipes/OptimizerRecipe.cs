namespace Percept.Training;

/// <summary>The optimizer of a recipe.</summary>
public sealed record OptimizerRecipe
{
    /// <summary>Its name and settings.</summary>
    public required OptimizerSettings Settings { get; init; }

    /// <summary>The greatest learning rate.</summary>
    public double LearningRate { get; set; }

    /// <summary>Expressions; a weight whose name fits one has no decay, besides all vectors.</summary>
    public IReadOnlyList<string> NoDecay { get; set; } = [];
}
