using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>How weights are taken out of a checkpoint.</summary>
public record LoadOptions
{
    /// <summary>How products with weights that are not float32 are computed.</summary>
    public LinearPrecision Precision { get; init; } = LinearPrecision.Exact;

    /// <summary>
    /// Which weights are to be trained: each becomes a float32 tensor of its own that requires a gradient, instead of a view of
    /// the file; all others stay frozen, as stored. Null when nothing is.
    /// </summary>
    public Func<WeightName, bool>? Trains { get; init; }

    /// <summary>Whether any weight may be trained.</summary>
    public bool Trainable => Trains is not null;

    /// <summary>All weights are to be trained.</summary>
    public static LoadOptions TrainingAll { get; } = new() { Trains = static _ => true };
}

/// <summary>The two names of a weight.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="FileName">The name in the file.</param>
public readonly record struct WeightName(string Name, string FileName);
